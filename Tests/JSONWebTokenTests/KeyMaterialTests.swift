import StrictJSON
import Testing

@testable import JSONWebToken

@Suite struct KeyMaterialTests {
    /// No way of printing a key, or what holds one, shows the secret.
    @Test func redaction() {
        let text = "hunter2-hunter2"
        let signing = SigningKey.hmac(secret: Array(text.utf8), kid: "k1")
        let verification = signing.verificationKey
        let set = KeySet([verification])
        var printed = ""
        for value in [signing, verification, set, signing.material, [signing], ["key": verification]] as [Any] {
            print(value, to: &printed)
            debugPrint(value, to: &printed)
            dump(value, to: &printed)
            print(String(reflecting: value), "\(value)", to: &printed)
        }
        #expect(!printed.contains(text))
        for form in [Array(text.utf8).description, "104, 117, 110", "68756e", Base64URL.encode(Array(text.utf8))] {
            #expect(!printed.contains(form))
        }
        #expect(printed.contains("<redacted>"))
        #expect(printed.contains("k1"))
    }

    /// The same for a private key.
    @Test func redactionOfPairs() throws {
        let key = try SigningKey.jwk(RFCVectors.edDSAKey)
        var printed = ""
        for value in [key, key.verificationKey, KeySet([key.verificationKey]), key.material] as [Any] {
            print(value, to: &printed)
            debugPrint(value, to: &printed)
            dump(value, to: &printed)
            print(String(reflecting: value), to: &printed)
        }
        #expect(!printed.contains("nWGxne"))
        #expect(!printed.contains("0x"))
        #expect(printed.contains("<redacted>"))
    }

    @Test(arguments: [
        (0, [false, false, false]), (31, [false, false, false]), (32, [true, false, false]),
        (47, [true, false, false]),
        (48, [true, true, false]), (64, [true, true, true]),
    ])
    func strength(_ length: Int, _ isStrong: [Bool]) {
        let key = SigningKey.hmac(secret: [UInt8](repeating: 1, count: length))
        for (algorithm, isStrong) in zip([Algorithm.HS256, .HS384, .HS512], isStrong) {
            #expect(key.isWeak(for: algorithm) == !isStrong)
            #expect(key.verificationKey.isWeak(for: algorithm) == !isStrong)
        }
        #expect(key.isWeak == !isStrong[0])
        #expect(key.verificationKey.isWeak == !isStrong[0])
    }

    @Test func minimumStrengthIsEnforcedWhenAskedFor() throws {
        var policy = VerificationPolicy()
        policy.minimumKeyStrength = .rfc7518
        let weak = TestTokens.failure(Array(TestTokens.hs256.utf8), policy: policy)
        #expect(weak == .weakKey(.HS256))
        #expect(weak?.message == "secretOrPublicKey has a minimum key size of 256 bits for HS256")
        let secret = [UInt8](repeating: 9, count: 32)
        let token = TestTokens.make("{}", secret: secret)
        #expect(TestTokens.failure(token, keys: KeySet([.hmac(secret: secret)]), policy: policy) == nil)
        // A weak key in front does not keep a strong one from being tried.
        let mixed = KeySet([.hmac(secret: [1]), .hmac(secret: secret)])
        #expect(TestTokens.failure(token, keys: mixed, policy: policy) == nil)
        var options = SigningOptions()
        options.minimumKeyStrength = .rfc7518
        #expect(throws: SigningError("secretOrPrivateKey has a minimum key size of 256 bits for HS256")) {
            try TokenSigner().sign([:], key: TestTokens.key, options: options, now: 1)
        }
    }

    @Test func identitiesDiffer() {
        let keys = (0..<5).map { _ in SigningKey.hmac(secret: [1, 2, 3]) }
        #expect(Set(keys.map(\.material.id)).count == 5)
        #expect(keys[0].verificationKey.material === keys[0].material)
    }
}
