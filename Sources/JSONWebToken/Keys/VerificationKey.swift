/// A key that checks signatures.
///
/// The key bytes are wiped when the last copy goes away, and are never part of a description or a mirror.
public struct VerificationKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let material: KeyMaterial

    /// The key's identifier, matched against a token's `kid`; `nil` when it has none.
    public let keyID: String?

    init(material: KeyMaterial, keyID: String?) {
        self.material = material
        self.keyID = keyID
    }

    /// A shared HMAC secret.
    ///
    /// The bytes are the secret itself: a text is taken by its UTF-8 bytes, without hex or base64 decoding (contract §8).
    ///
    /// - Parameters:
    ///   - secret: any number of bytes; an empty secret verifies nothing. See ``isWeak``.
    ///   - kid: the key's identifier, `nil` by default.
    ///   - algorithms: the algorithms the key may be used with; HS256, HS384 and HS512 by default, others are ignored.
    public static func hmac(
        secret: [UInt8],
        kid: String? = nil,
        algorithms: Set<Algorithm> = [.HS256, .HS384, .HS512]
    ) -> VerificationKey {
        VerificationKey(material: KeyMaterial(secret: secret, algorithms: AlgorithmMask(algorithms)), keyID: kid)
    }

    /// The algorithms this key may be used with.
    public var algorithms: Set<Algorithm> { material.algorithms.algorithms }

    /// True when the key is a secret shorter than RFC 7518 §3.2 asks for `algorithm`.
    public func isWeak(for algorithm: Algorithm) -> Bool { material.isWeak(for: algorithm) }

    /// True when the key is a secret too short for every algorithm it serves.
    ///
    /// Stock servers accept such keys, so this is a fact to warn about; refuse them with
    /// ``VerificationPolicy/minimumKeyStrength``.
    public var isWeak: Bool { algorithms.allSatisfy(isWeak(for:)) }

    /// Names the key's identifier and nothing else.
    public var description: String { "VerificationKey(kid: \(keyID.map { "\"\($0)\"" } ?? "none"), <redacted>)" }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` shows no key.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
