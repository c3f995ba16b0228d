import StrictJSON
import Testing

@testable import JSONWebToken

@Suite struct ParsedKeyTests {
    private func failure(_ body: () throws(KeyError) -> VerificationKey) -> KeyError? {
        do throws(KeyError) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    private func rsa(exponent: [UInt8], modulus: ([UInt8]) -> [UInt8] = { $0 }) throws -> JSONObject {
        var key = try #require(try VerificationKey.pem(TestKeys.rsaPublic).jwk)
        let own = try #require(key["n"]?.stringValue.flatMap { Base64URL.decode($0.utf8) })
        key["n"] = .string(Base64URL.encode(modulus(own)))
        key["e"] = .string(Base64URL.encode(exponent))
        return key
    }

    @Test(arguments: [[1], [0], [2], [1, 0, 0], [0, 1], [1, 0, 0, 0, 1], [UInt8](repeating: 255, count: 256)])
    func refusesBadExponents(_ exponent: [UInt8]) throws {
        let key = try rsa(exponent: exponent)
        #expect(failure { () throws(KeyError) in try .jwk(key) }?.code == .weak)
    }

    @Test(arguments: [[3], [1, 0, 1], [0, 1, 0, 1], [255, 255, 255, 255]] as [[UInt8]])
    func acceptsUsualExponents(_ exponent: [UInt8]) throws {
        let key = try rsa(exponent: exponent)
        #expect(failure { () throws(KeyError) in try .jwk(key) } == nil)
    }

    @Test func refusesBadModuli() throws {
        let short = try rsa(exponent: [3]) { Array($0.dropLast()) }
        let failure = failure { () throws(KeyError) in try .jwk(short) }
        #expect(failure == KeyError(.weak, "the RSA key has 2040 bits; at least 2048 are required"))
        let barelyShort = try rsa(exponent: [3]) { [$0[0] >> 1] + $0.dropFirst() }
        #expect(self.failure { () throws(KeyError) in try .jwk(barelyShort) }?.code == .weak)
        // A zero in front does not make it longer.
        let padded = try rsa(exponent: [3]) { [0] + $0.dropLast() }
        #expect(self.failure { () throws(KeyError) in try .jwk(padded) }?.code == .weak)
        let even = try rsa(exponent: [3]) { $0.dropLast() + [$0[$0.count - 1] & 0xFE] }
        #expect(self.failure { () throws(KeyError) in try .jwk(even) }?.code == .weak)
    }

    @Test func restrictedKeysServeWhatTheirOwnerAllows() throws {
        #expect(try SigningKey.pem(TestKeys.rsaPSS).algorithms == [.PS256, .PS384, .PS512])
        let restricted = try SigningKey.pem(TestKeys.rsaPSS384)
        #expect(restricted.algorithms == [.PS384])
        #expect(restricted.verificationKey.algorithms == [.PS384])
        #expect(throws: KeyError.self) { try SigningKey.pem(TestKeys.rsaPSS384, algorithms: [.PS256]) }
    }

    @Test func algorithmsCanBeRestricted() throws {
        let key = try VerificationKey.pem(TestKeys.rsaPublic, algorithms: [.RS256, .ES256])
        #expect(key.algorithms == [.RS256])
        let failure = failure { () throws(KeyError) in try .pem(TestKeys.rsaPublic, algorithms: [.ES256, .HS256]) }
        #expect(failure?.code == .algorithmMismatch)
        #expect(failure?.message == "the key is of type rsa, which cannot be used with ES256, HS256")
        #expect(self.failure { () throws(KeyError) in try .pem(TestKeys.p256Public, algorithms: [.ES384]) } != nil)
    }

    @Test func publicHalvesArePublic() throws {
        for pem in [TestKeys.rsa, TestKeys.p256, TestKeys.ed25519] {
            let key = try KeyDecoder.key(pem: Array(pem.utf8), passphrase: nil, for: .signing)
            #expect(key.isPrivate)
            #expect(key.type == (try key.publicHalf().type))
            #expect(try !key.publicHalf().isPrivate)
            #expect(key.number("d") == nil || key.type == .rsa)
            #expect(try key.publicHalf().number("d") == nil)
            #expect(try key.publicHalf().number("priv") == nil)
        }
    }
}
