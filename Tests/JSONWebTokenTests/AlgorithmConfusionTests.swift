import StrictJSON
import Testing

@testable import JSONWebToken

/// The key decides the algorithm (RFC 8725 §3.1), whatever the token says; contract §8, rows 6 and 7.
@Suite struct AlgorithmConfusionTests {
    private let publics = [
        TestSignatures.rsa, TestSignatures.p256, TestSignatures.p384, TestSignatures.p521, TestSignatures.ed25519,
    ]

    private func restricted(_ algorithms: Set<Algorithm>) -> VerificationPolicy {
        VerificationPolicy(algorithms: algorithms)
    }

    /// CVE-2015-9235: the public key's text as an HMAC secret, against a verifier that has the key as a key.
    @Test func publicKeyAsSecret() throws {
        for text in [TestKeys.rsaPublic, TestKeys.rsaPublic + "\n", TestKeys.rsaCertificate] {
            let forged = TestTokens.make("{}", secret: Array(text.utf8))
            for pem in [TestKeys.rsaPublic, TestKeys.rsaCertificate] {
                let keys = KeySet([try .pem(pem)])
                #expect(TestTokens.failure(forged, keys: keys) == .invalidAlgorithm)
                let failure = TestTokens.failure(forged, keys: keys, policy: restricted([.HS256, .RS256]))
                #expect(failure == .keyMismatch(.HS256))
                #expect(failure?.message == "secretOrPublicKey must be a symmetric key when using HS256")
            }
        }
    }

    @Test func secretForPublicAlgorithms() throws {
        for algorithm in TestSignatures.asymmetric {
            let token = try TestSignatures.token(algorithm)
            #expect(TestTokens.failure(token) == .invalidAlgorithm)
            let failure = TestTokens.failure(token, policy: restricted([algorithm]))
            #expect(failure?.message == "secretOrPublicKey must be an asymmetric key when using \(algorithm.rawValue)")
            #expect(failure?.name == "JsonWebTokenError")
        }
    }

    /// Every algorithm against every key it is not for, with the policy silent and with the policy allowing it.
    @Test(arguments: Algorithm.allCases)
    func everyOtherKey(_ algorithm: Algorithm) throws {
        let token =
            algorithm.isSymmetric ? TestTokens.make("{}", algorithm: .HS256) : try TestSignatures.token(algorithm)
        for pair in publics where !pair.verification.algorithms.contains(algorithm) {
            let keys = KeySet([pair.verification])
            let type = pair.verification.type
            let alg = algorithm.isSymmetric ? Algorithm.HS256 : algorithm
            let isCurveOnly = alg.family == .ecdsa && type.isEllipticCurve
            // A stock server accepts the three of ECDSA for any curve, and then finds the curve wrong.
            #expect(
                TestTokens.failure(token, keys: keys)
                    == (isCurveOnly ? .keyTypeMismatch(alg, type) : .invalidAlgorithm)
            )
            let failure = TestTokens.failure(token, keys: keys, policy: restricted(Set(Algorithm.allCases)))
            #expect(failure == (alg.isSymmetric ? .keyMismatch(alg) : .keyTypeMismatch(alg, type)))
            #expect(TestTokens.failure(token, keys: keys, policy: restricted(type.algorithms)) == .invalidAlgorithm)
        }
    }

    @Test func mistakenTypesAreNamed() throws {
        let failure = TestTokens.failure(
            try TestSignatures.token(.ES384),
            keys: KeySet([TestSignatures.p256.verification])
        )
        #expect(failure?.message == #""alg" parameter "ES384" requires curve "secp384r1"."#)
        // A stock server throws a plain error here, which still is the token's fault.
        #expect(failure?.name == "Error")
        #expect(failure?.isUnavailable == false)
        #expect(TokenError.unavailable.isUnavailable)
    }

    /// A token signed with the right key under an algorithm the key was restricted from.
    @Test func restrictedKeys() throws {
        let key = try VerificationKey.pem(TestKeys.rsaPublic, algorithms: [.PS256])
        #expect(TestTokens.failure(try TestSignatures.token(.PS256), keys: KeySet([key])) == nil)
        for algorithm in [Algorithm.RS256, .PS384] {
            let token = try TestSignatures.token(algorithm)
            #expect(TestTokens.failure(token, keys: KeySet([key])) == .invalidAlgorithm)
            #expect(
                TestTokens.failure(token, keys: KeySet([key]), policy: restricted([algorithm])) == .invalidAlgorithm
            )
        }
    }

    /// RS and PS over one hash and key are not each other's signatures.
    @Test func paddingsAreNotExchangeable() throws {
        for (one, other) in [(Algorithm.RS256, Algorithm.PS256), (.PS256, .RS256), (.RS256, .RS384), (.PS384, .PS512)] {
            let token = try TestSignatures.token(one)
            let dot = try #require(token.lastIndex(of: 0x2E))
            let signature = try #require(Base64URL.decode(token[(dot + 1)...]))
            let input = Array(token[..<dot])
            let key = TestSignatures.rsa.verification
            #expect(TestSignatures.isValid(signature, input, key, one) == true)
            #expect(TestSignatures.isValid(signature, input, key, other) == false)
        }
    }

    /// What `jsonwebtoken`'s `sign` says.
    @Test(arguments: [
        (TestSignatures.rsa, nil, "secretOrPrivateKey must be a symmetric key when using HS256"),
        (TestSignatures.p256, nil, "secretOrPrivateKey must be a symmetric key when using HS256"),
        (TestSignatures.p256, Algorithm.ES384, #""alg" parameter "ES384" requires curve "secp384r1"."#),
        (TestSignatures.p256, .RS256, #""alg" parameter for "ec" key type must be one of: ES256, ES384, ES512."#),
        (
            TestSignatures.rsa, .ES256,
            #""alg" parameter for "rsa" key type must be one of: RS256, PS256, RS384, PS384, RS512, PS512."#
        ),
    ])
    func signingWithTheWrongKey(_ pair: TestSignatures.Pair, _ algorithm: Algorithm?, _ message: String) {
        let options = SigningOptions(algorithm: algorithm, expiresIn: nil)
        #expect(throws: SigningError(message)) {
            try TokenSigner().sign([:], key: pair.signing, options: options, now: 1)
        }
    }
}
