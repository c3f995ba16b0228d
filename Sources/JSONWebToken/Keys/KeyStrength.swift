/// How long an HMAC secret has to be before it is used.
public enum KeyStrength: Sendable, Hashable {
    /// Any non-empty secret, as stock SocketCluster servers do.
    case any
    /// At least the hash's length: 32, 48 or 64 bytes for HS256, HS384 or HS512 (RFC 7518 §3.2).
    case rfc7518

    func admits(_ material: KeyMaterial, for algorithm: Algorithm) -> Bool {
        self == .any || !material.isWeak(for: algorithm)
    }
}
