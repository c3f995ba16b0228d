import JSONWebToken
import StrictJSON
import Testing

/// New keys, and private keys written as JWK.
@Suite struct SigningKeyGenerationTests {
    @Test(arguments: Algorithm.allCases)
    func signsAndComesBack(_ algorithm: Algorithm) throws {
        let key = try SigningKey.generate(algorithm, kid: "new", modulusBits: 2048)
        #expect(key.keyID == "new")
        #expect(key.algorithms == [algorithm])
        #expect(!key.isWeak)
        let jwk = try #require(key.privateJWK)
        #expect(jwk["kid"] == "new")
        #expect(jwk["alg"] == .string(algorithm.rawValue))
        #expect(jwk["use"] == "sig")
        let copy = try SigningKey.jwk(JSONValue.object(jwk).serialized())
        let options = SigningOptions(algorithm: algorithm, expiresIn: nil)
        for (signer, verifier) in [(key, copy), (copy, key)] {
            let token = try TokenSigner().sign(["a": 1], key: signer, options: options, now: 1)
            let verified = try TokenVerifier().verify(
                Array(token.utf8),
                keys: KeySet([verifier.verificationKey]),
                now: 1
            )
            #expect(verified.payload == Array(#"{"a":1,"iat":1}"#.utf8))
        }
    }

    @Test func areDifferent() throws {
        #expect(try SigningKey.generate(.ES256).privateJWK != SigningKey.generate(.ES256).privateJWK)
        #expect(try SigningKey.generate(.HS256).privateJWK != SigningKey.generate(.HS256).privateJWK)
    }

    /// The lengths that RFC 7518 §6.2 and RFC 8037 §2 fix, also for numbers that begin with zeros.
    @Test(arguments: [(Algorithm.ES256, 43), (.ES384, 64), (.ES512, 88), (.EdDSA, 43)])
    func lengths(_ algorithm: Algorithm, _ length: Int) throws {
        for _ in 0..<64 {
            #expect(try SigningKey.generate(algorithm).privateJWK?["d"]?.stringValue?.utf8.count == length)
        }
    }

    @Test func modulus() throws {
        let bits = { (key: SigningKey) in key.verificationKey.jwk?["n"]?.stringValue?.utf8.count }
        #expect(try bits(.generate(.RS256, modulusBits: 2048)) == 342)
        #expect(throws: KeyError.self) { try SigningKey.generate(.PS256, modulusBits: 1024) }
    }

    /// Only what was asked for is private.
    @Test func publicPartStaysPublic() throws {
        let key = try SigningKey.generate(.RS256, modulusBits: 2048)
        let names = key.verificationKey.jwk?.map(\.name) ?? []
        #expect(Set(names) == ["kty", "n", "e", "use", "alg"])
        #expect(try SigningKey.generate(.HS256).verificationKey.jwk == nil)
    }
}
