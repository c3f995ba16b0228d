import JSONWebToken
import StrictJSON
import Testing

@testable import Asyngular

@Suite struct AGKeyRingTests {
    @Test func verifiesWhatItSigns() {
        #expect(AGKeyRing(signature: TestKey.old).verification.keys.map(\.keyID) == ["old"])
        #expect(AGKeyRing(signature: nil).verification.isEmpty)
        #expect(AGKeyRing(signature: TestKey.old, verification: []).verification.isEmpty)
    }

    /// The signing key's own algorithm, unless the options say otherwise or are upstream's.
    @Test func algorithm() throws {
        var ring = AGKeyRing(signature: TestKey.old)
        #expect(ring.signatureAlgorithm(nil) == .ES256)
        ring.signature = TestKey.new
        #expect(ring.signatureAlgorithm(nil) == .EdDSA)
        #expect(ring.signatureAlgorithm(.HS512) == .HS512)
        ring.signsByOwnAlgorithm = false
        #expect(ring.signatureAlgorithm(nil) == .HS256)
        let rsa = try SigningKey.jwk(Self.unrestricted(TestKey.rsa))
        #expect(AGKeyRing(signature: rsa).signatureAlgorithm(nil) == .RS256)
        #expect(AGKeyRing(signature: .hmac(secret: [1])).signatureAlgorithm(nil) == .HS256)
        #expect(AGKeyRing(signature: .hmac(secret: [1], algorithms: [.HS512])).signatureAlgorithm(nil) == .HS512)
    }

    private static func unrestricted(_ key: SigningKey) -> JSONObject {
        var object = key.privateJWK!
        object["alg"] = nil
        return object
    }

    @Test func fromASet() throws {
        let text = TestKey.set(
            TestKey.publicJWK(TestKey.old),
            TestKey.privateJWK(TestKey.secret),
            TestKey.privateJWK(TestKey.new)
        )
        let ring = try AGKeyRing(jwkSet: Array(text.utf8))
        #expect(ring.signature?.keyID == "secret")
        #expect(ring.verification.keys.map(\.keyID) == ["old", "secret", "new"])
        #expect(try AGKeyRing(jwkSet: Array(text.utf8), signingKeyID: "new").signature?.keyID == "new")
        #expect(throws: KeyError.self) { try AGKeyRing(jwkSet: Array(#"{"keys":[]}"#.utf8)) }
        #expect(throws: KeyError.self) { try AGKeyRing(jwkSet: Array(text.utf8), signingKeyID: "third") }
    }

    @Test func printsNoKeys() throws {
        let ring = AGKeyRing(signature: .hmac(secret: Array("swordfish".utf8), kid: "k"))
        var text = "\(ring)"
        dump(ring, to: &text)
        #expect(text.contains("\"k\""))
        #expect(!text.contains("swordfish") && !text.contains("115"))
    }
}
