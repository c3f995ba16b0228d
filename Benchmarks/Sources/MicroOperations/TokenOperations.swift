import JSONWebToken
import StrictJSON

/// Tokens: verification by algorithm, and one signature.
enum TokenOperations {
    static let all: [MicroOperation] = [
        verify("token verify HS256", .HS256, secret), verify("token verify RS256", .RS256, MicroKeys.rsa),
        verify("token verify ES256", .ES256, MicroKeys.p256), verify("token verify EdDSA", .EdDSA, MicroKeys.ed25519),
        sign,
    ]

    private static let secret = SigningKey.hmac(secret: Array("0123456789abcdef0123456789abcdef".utf8))
    private static let now: Int64 = 1_700_000_000

    private static let claims: JSONObject = [
        "sub": "user-1234567", "username": "alice", "channels": ["room/7", "room/8"], "role": "member",
        "jti": "0123456789abcdef01234567", "iss": "asyngular-bench",
    ]

    private static func verify(_ name: String, _ algorithm: Algorithm, _ key: SigningKey) -> MicroOperation {
        let options = SigningOptions(algorithm: algorithm, expiresIn: .seconds(3600))
        guard let token = try? TokenSigner().sign(claims, key: key, options: options, now: now) else {
            preconditionFailure("the benchmark's own key signs")
        }
        let bytes = Array(token.utf8)
        let keys = KeySet([key.verificationKey])
        let verifier = Confined(TokenVerifier())
        return MicroOperation(name) { count in
            for _ in 0..<count {
                guard (try? verifier.value.verify(bytes, keys: keys, now: now + 1)) != nil else {
                    preconditionFailure("the benchmark's own token is valid")
                }
            }
        }
    }

    private static let sign: MicroOperation = {
        let signer = Confined(TokenSigner())
        let options = SigningOptions(algorithm: .HS256, expiresIn: .seconds(3600))
        return MicroOperation("token sign HS256") { count in
            for _ in 0..<count { keep(try? signer.value.sign(claims, key: secret, options: options, now: now)) }
        }
    }()
}
