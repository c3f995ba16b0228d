import StrictJSON

@testable import JSONWebToken

/// What most tests use: the key of contract §8's vectors, its time, and tokens with any header and payload text.
enum TestTokens {
    static let secret = Array("test-key".utf8)
    static let key = SigningKey.hmac(secret: secret)
    static let keys = KeySet([key.verificationKey])
    /// A second within the life of the vectors.
    static let now: Int64 = 1_700_000_100

    static let hs256 =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
        + ".eyJ1c2VybmFtZSI6ImJvYiIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDg2NDAwfQ"
        + ".ImUGs_lysfZXoQyNcfyoTE_y0akk5CjJhQ6PT_NVrwA"
    static let hs384 =
        "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9"
        + ".eyJ1c2VybmFtZSI6ImJvYiIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDg2NDAwfQ"
        + ".wCzGJ91d1YX3VDrWjEJH8KAjD307lUZDX7oWogVdQqbpy9hSP1YAxkRMDgCJlEKM"

    static let plainHeader = #"{"alg":"HS256","typ":"JWT"}"#

    /// A token with a valid HS256 signature over whatever texts are given.
    static func make(
        _ payload: String,
        header: String = plainHeader,
        secret: [UInt8] = secret,
        algorithm: Algorithm = .HS256
    ) -> [UInt8] {
        make(payload: Array(payload.utf8), header: Array(header.utf8), secret: secret, algorithm: algorithm)
    }

    static func make(
        payload: [UInt8],
        header: [UInt8] = Array(plainHeader.utf8),
        secret: [UInt8] = secret,
        algorithm: Algorithm = .HS256
    ) -> [UInt8] {
        let input = Base64URL.encode(header) + "." + Base64URL.encode(payload)
        return Array((input + "." + Base64URL.encode(code(Array(input.utf8), secret, algorithm))).utf8)
    }

    static func code(_ message: [UInt8], _ secret: [UInt8], _ algorithm: Algorithm) -> [UInt8] {
        let material = KeyMaterial(secret: secret, algorithms: .hmac)
        guard let engine = SignatureEngine(material, algorithm) else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: engine.maximumSignatureLength) { output, count in
            count = unsafe message.withUnsafeBytes { unsafe engine.sign($0, into: output.baseAddress!) ?? 0 }
        }
    }

    /// What verification says: the error, or `nil` when the token is accepted.
    static func failure(
        _ token: [UInt8],
        keys: KeySet = keys,
        policy: VerificationPolicy = VerificationPolicy(),
        now: Int64 = now,
        verifier: TokenVerifier = TokenVerifier()
    ) -> TokenError? {
        do throws(TokenError) {
            _ = try verifier.verify(token, keys: keys, policy: policy, now: now)
            return nil
        } catch {
            return error
        }
    }
}

/// Reproducible random numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
