import Testing

@testable import JSONWebToken

@Suite struct KeyTypeTests {
    /// Contract §8: what a key accepts when nothing else is said.
    @Test(arguments: [
        (KeyType.secret, [Algorithm.HS256, .HS384, .HS512]),
        (.rsa, [.RS256, .RS384, .RS512, .PS256, .PS384, .PS512]),
        (.rsaPSS, [.PS256, .PS384, .PS512]),
        (.p256, [.ES256]), (.p384, [.ES384]), (.p521, [.ES512]),
        (.ed25519, [.EdDSA]),
    ])
    func algorithms(_ type: KeyType, _ wanted: [Algorithm]) {
        #expect(type.algorithms == Set(wanted))
        for algorithm in Algorithm.allCases {
            #expect(type.mask.contains(algorithm) == wanted.contains(algorithm))
        }
    }

    @Test func onlyCurvesOfECDSAHaveCoordinates() {
        #expect(KeyType.allCases.filter(\.isEllipticCurve) == [.p256, .p384, .p521])
        #expect(KeyType.allCases.map(\.coordinateLength).filter { $0 > 0 } == [32, 48, 66])
    }

    /// The texts of `jsonwebtoken`'s `validateAsymmetricKey`.
    @Test(arguments: [
        (
            KeyType.rsa, Algorithm.ES256,
            #""alg" parameter for "rsa" key type must be one of: RS256, PS256, RS384, PS384, RS512, PS512."#
        ),
        (.rsaPSS, .RS256, #""alg" parameter for "rsa-pss" key type must be one of: PS256, PS384, PS512."#),
        (.p256, .RS256, #""alg" parameter for "ec" key type must be one of: ES256, ES384, ES512."#),
        (.p256, .ES384, #""alg" parameter "ES384" requires curve "secp384r1"."#),
        (.p384, .ES256, #""alg" parameter "ES256" requires curve "prime256v1"."#),
        (.p384, .ES512, #""alg" parameter "ES512" requires curve "secp521r1"."#),
    ])
    func messages(_ type: KeyType, _ algorithm: Algorithm, _ message: String) {
        #expect(type.mismatchMessage(algorithm) == message)
    }
}
