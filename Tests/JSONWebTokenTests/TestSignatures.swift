import StrictJSON

@testable import JSONWebToken

/// Keys of every kind, and what the tests of signatures do with them.
enum TestSignatures {
    struct Pair: Sendable {
        let signing: SigningKey
        /// Read from the public key's own file.
        let verification: VerificationKey
    }

    static let rsa = pair(TestKeys.rsa, TestKeys.rsaPublic)
    static let p256 = pair(TestKeys.p256, TestKeys.p256Public)
    static let p384 = pair(TestKeys.p384, TestKeys.p384Public)
    static let p521 = pair(TestKeys.p521, TestKeys.p521Public)
    static let ed25519 = pair(TestKeys.ed25519, TestKeys.ed25519Public)

    static let asymmetric = Algorithm.allCases.filter { !$0.isSymmetric }

    static func pair(for algorithm: Algorithm) -> Pair {
        switch algorithm {
        case .ES256: p256
        case .ES384: p384
        case .ES512: p521
        case .EdDSA: ed25519
        default: rsa
        }
    }

    static func token(
        _ algorithm: Algorithm,
        claims: JSONObject = ["username": "bob", "iat": 1_700_000_000, "exp": 1_700_086_400]
    ) throws -> [UInt8] {
        let key = pair(for: algorithm).signing
        let options = SigningOptions(algorithm: algorithm, expiresIn: nil)
        return Array(try TokenSigner().sign(claims, key: key, options: options, now: TestTokens.now).utf8)
    }

    /// The token with another signature.
    static func replacing(_ token: [UInt8], signature: ([UInt8]) -> [UInt8]) -> [UInt8] {
        let dot = token.lastIndex(of: 0x2E)!
        let own = Base64URL.decode(token[(dot + 1)...])!
        return token[...dot] + Array(Base64URL.encode(signature(own)).utf8)
    }

    /// What the engine of a key says of a signature over a message.
    static func isValid(
        _ signature: [UInt8],
        _ message: [UInt8],
        _ key: VerificationKey,
        _ algorithm: Algorithm
    ) -> Bool? {
        guard let engine = SignatureEngine(key.material, algorithm) else { return nil }
        return unsafe signature.withUnsafeBytes { signature in
            unsafe message.withUnsafeBytes { unsafe engine.isValid(signature: signature, over: $0) }
        }
    }

    private static func pair(_ signing: String, _ verification: String) -> Pair {
        do {
            return Pair(signing: try .pem(signing), verification: try .pem(verification))
        } catch {
            fatalError("\(error)")
        }
    }
}
