import StrictJSON
import Testing

@testable import JSONWebToken

@Suite struct EdwardsContextTests {
    /// RFC 8032 §7.1, tests 1 and 2: messages of no and of one byte.
    @Test(
        arguments: [
            (
                "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", [],
                "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc-bRr0lv18FlbviRlUUFDjnoQCw"
            ),
            (
                "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs", "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw", [0x72],
                "kqAJqfDUyrhyDoILX2QlQKKye1QWUD-Ps3YiI-vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA"
            ),
        ] as [(String, String, [UInt8], String)]
    )
    func rfc8032(_ secret: String, _ point: String, _ message: [UInt8], _ signature: String) throws {
        let key = try SigningKey.jwk(["kty": "OKP", "crv": "Ed25519", "d": .string(secret), "x": .string(point)])
        let parsed = try #require(key.material.key)
        let context = try #require(EdwardsContext(parsed))
        let made = unsafe [UInt8](unsafeUninitializedCapacity: EdwardsContext.length) { output, count in
            count = unsafe message.withUnsafeBytes { unsafe context.sign($0, into: output.baseAddress!) ?? 0 }
        }
        #expect(made.count == 64)
        #expect(TestSignatures.isValid(made, message, key.verificationKey, .EdDSA) == true)
        #expect(TestSignatures.isValid(made, message + [0], key.verificationKey, .EdDSA) == false)
        #expect(Base64URL.encode(made) == signature)
    }

    /// S not below the group's order would be a second signature for the same message.
    @Test func refusesMalleableSignatures() throws {
        let token = try TestSignatures.token(.EdDSA)
        let order: [UInt8] =
            [0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14]
            + [UInt8](repeating: 0, count: 15) + [0x10]
        let forged = TestSignatures.replacing(token) { signature in
            var carry = 0
            var sum = signature
            for index in 0..<32 {
                let digit = Int(signature[32 + index]) + Int(order[index]) + carry
                sum[32 + index] = UInt8(digit & 255)
                carry = digit >> 8
            }
            return sum
        }
        #expect(forged != token)
        #expect(
            TestTokens.failure(forged, keys: KeySet([TestSignatures.ed25519.verification])) == .invalidSignature
        )
    }

    @Test func needsItsCurve() throws {
        let key = try #require(TestSignatures.p256.signing.material.key)
        #expect(EdwardsContext(key) == nil)
    }
}
