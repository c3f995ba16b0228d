import StrictJSON

/// Signs compact JWS tokens, byte for byte like `jsonwebtoken`'s `sign` (contract §8).
///
/// An instance keeps OpenSSL contexts for the keys it used last. It is **not** thread-safe: make one per thread.
public final class TokenSigner {
    private struct Prepared {
        let material: UInt64
        let algorithm: Algorithm
        let engine: SignatureEngine
    }

    /// Keys kept prepared; the one used longest ago is dropped.
    static let maximumPreparedKeys = 8

    private var prepared: [Prepared] = []

    /// A signer without any prepared keys; they are prepared on first use.
    public init() {}

    /// Forgets all prepared keys. Worth calling after a key was withdrawn, to have its contexts wiped at once.
    public func reset() {
        prepared.removeAll()
    }

    /// Signs claims.
    ///
    /// - Parameters:
    ///   - claims: the payload; `iat`, `exp` and what the options name are added behind its own members.
    ///   - key: the key to sign with.
    ///   - options: the algorithm, the life time and so on.
    ///   - now: the time in whole seconds since 1970, used for `iat` unless the payload has one.
    /// - Throws: ``SigningError`` with the message `jsonwebtoken` would give.
    public func sign(
        _ claims: JSONObject,
        key: SigningKey,
        options: SigningOptions = SigningOptions(),
        now: Int64
    ) throws(SigningError) -> String {
        let algorithm = options.algorithm ?? .HS256
        guard key.material.isPresent else { throw .keyRequired }
        guard key.material.isUsable(for: algorithm) else { throw .keyMismatch(algorithm, key: key) }
        guard options.minimumKeyStrength.admits(key.material, for: algorithm) else { throw .weakKey(algorithm) }
        let payload = try TokenClaims.complete(claims, options: options, now: now)
        let header = try Self.header(algorithm, key: key, options: options)
        let engine = try engine(key, algorithm)
        return try Self.compact(header: header.serialized(), payload: payload.serialized(), engine)
    }

    private static func header(
        _ algorithm: Algorithm,
        key: SigningKey,
        options: SigningOptions
    ) throws(SigningError) -> JSONObject {
        var header: JSONObject = ["alg": .string(algorithm.rawValue), "typ": "JWT"]
        if let kid = options.keyid ?? key.keyID { header["kid"] = .string(kid) }
        for member in options.header ?? JSONObject() {
            switch member.name {
            case "alg" where member.value != .string(algorithm.rawValue):
                throw SigningError(#""header" may not change the algorithm"#)
            case "crit", "b64":
                // This package's own verifier refuses such tokens, and so should everybody's.
                throw SigningError(#""\#(member.name)" is not supported in "header""#)
            case "typ", "kid":
                guard member.value.kind == .string else {
                    throw SigningError(#""\#(member.name)" must be a string in "header""#)
                }
            default: break
            }
            header[member.name] = member.value
        }
        return header
    }

    private static func compact(
        header: [UInt8],
        payload: [UInt8],
        _ engine: SignatureEngine
    ) throws(SigningError) -> String {
        let headerLength = Base64URL.encodedLength(header.count)
        let inputLength = headerLength + 1 + Base64URL.encodedLength(payload.count)
        let capacity = inputLength + 1 + Base64URL.encodedLength(engine.maximumSignatureLength)
        let token = unsafe String(unsafeUninitializedCapacity: capacity) { output -> Int in
            let base = UnsafeMutableRawPointer(output.baseAddress!)
            unsafe header.withUnsafeBytes { _ = unsafe Base64URL.encode($0, into: base) }
            unsafe output[headerLength] = 0x2E
            unsafe payload.withUnsafeBytes { _ = unsafe Base64URL.encode($0, into: base + headerLength + 1) }
            unsafe output[inputLength] = 0x2E
            let input = unsafe UnsafeRawBufferPointer(start: base, count: inputLength)
            return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: engine.maximumSignatureLength) {
                signature in
                guard let count = unsafe engine.sign(input, into: signature.baseAddress!) else { return 0 }
                let bytes = unsafe UnsafeRawBufferPointer(start: signature.baseAddress, count: count)
                return unsafe inputLength + 1 + Base64URL.encode(bytes, into: base + inputLength + 1)
            }
        }
        guard !token.isEmpty else { throw .unavailable }
        return token
    }

    private func engine(_ key: SigningKey, _ algorithm: Algorithm) throws(SigningError) -> SignatureEngine {
        if let index = prepared.firstIndex(where: { $0.material == key.material.id && $0.algorithm == algorithm }) {
            if index > 0 { prepared.insert(prepared.remove(at: index), at: 0) }
            return prepared[0].engine
        }
        guard let engine = SignatureEngine(key.material, algorithm) else { throw .unavailable }
        if prepared.count >= Self.maximumPreparedKeys { prepared.removeLast() }
        prepared.insert(Prepared(material: key.material.id, algorithm: algorithm, engine: engine), at: 0)
        return engine
    }
}
