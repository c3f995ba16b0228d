import StrictJSON
import Testing

@testable import JSONWebToken

@Suite struct JSONWebKeySetTests {
    private func text(_ keys: [JSONObject]) -> [UInt8] {
        JSONValue.object(["keys": .array(keys.map(JSONValue.object))]).serialized()
    }

    /// RFC 7517 A.1.
    @Test func leavesOutKeysForEncryption() throws {
        let set = try JSONWebKeySet(parsing: text(RFCVectors.publicKeys))
        #expect(set.keys.map(\.keyID) == ["2011-04-29"])
        #expect(set.keys.first?.algorithms == [.RS256])
        #expect(set.skipped.map(\.index) == [0])
        #expect(set.skipped.map(\.error.code) == [.notPermitted])
        #expect(try KeySet(jwkSet: text(RFCVectors.publicKeys)).keys.count == 1)
    }

    /// RFC 7517 A.3 and B.
    @Test func takesSecretsOnlyWhenAllowed() throws {
        let keys = RFCVectors.secrets + [RFCVectors.keyWithCertificate]
        let open = try JSONWebKeySet(parsing: text(keys))
        #expect(open.keys.map(\.keyID) == ["1b94c"])
        #expect(open.skipped.map(\.index) == [0, 1])
        #expect(open.skipped.last?.error.code == .notPermitted)
        let trusted = try JSONWebKeySet(parsing: text(keys), allowsSecrets: true)
        #expect(trusted.keys.map(\.type) == [.secret, .rsa])
        #expect(trusted.skipped.map(\.error.code) == [.unsupported])
    }

    @Test func badKeysDoNotSpoilGoodOnes() throws {
        let good = try #require(try VerificationKey.pem(TestKeys.p256Public, kid: "good").jwk)
        let bad: [JSONObject] = [
            [:], ["kty": "new"], ["kty": "RSA", "n": "AQ", "e": "AQAB"], ["kty": "EC", "crv": "P-256"],
            ["kty": "OKP", "crv": "X25519", "x": "AA"],
        ]
        let set = try JSONWebKeySet(parsing: text(bad + [good] + bad))
        #expect(set.keys.map(\.keyID) == ["good"])
        #expect(set.skipped.count == 2 * bad.count)
        #expect(throws: KeyError(.noKey, "the JWK Set has no usable key")) { try KeySet(jwkSet: text(bad)) }
        let mixed = JSONValue.object(["keys": [1, .object(good)], "more": true]).serialized()
        #expect(try JSONWebKeySet(parsing: mixed).keys.count == 1)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[],"keys":[]}"#, #"{"keys":[{"kty":"oct","kty":"RSA"}]}"#,
        #"{"keys":[]}x"#, "{\"keys\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}",
    ])
    func refusesWhatIsNoSet(_ text: String) {
        let error = #expect(throws: KeyError.self) { try JSONWebKeySet(parsing: Array(text.utf8)) }
        #expect(error?.code == .malformed)
    }

    @Test func hasLimits() throws {
        let good = try #require(try VerificationKey.pem(TestKeys.p256Public).jwk)
        var limits = JSONWebKeySet.Limits()
        limits.maximumKeys = 2
        #expect(try JSONWebKeySet(parsing: text([good, good]), limits: limits).keys.count == 2)
        #expect(throws: KeyError(.tooLarge, "the JWK Set has more than 2 keys")) {
            try JSONWebKeySet(parsing: text([good, good, good]), limits: limits)
        }
        limits.maximumLength = text([good]).count
        #expect(try JSONWebKeySet(parsing: text([good]), limits: limits).keys.count == 1)
        #expect(throws: KeyError.self) { try JSONWebKeySet(parsing: text([good]) + [0x20], limits: limits) }
    }

    /// Keys of different kinds side by side, each token by its `kid` and nothing else.
    @Test func findsKeysByIdentifier() throws {
        let pairs: [(Algorithm, String)] = [(.RS256, "r"), (.PS512, "r"), (.ES256, "e"), (.ES512, "f"), (.EdDSA, "d")]
        let pems = [
            ("r", TestKeys.rsaPublic), ("e", TestKeys.p256Public), ("f", TestKeys.p521Public),
            ("d", TestKeys.ed25519Public),
        ]
        let members = try pems.compactMap { try VerificationKey.pem($0.1, kid: $0.0).jwk }
        #expect(members.count == 4)
        let keys = try KeySet(jwkSet: text(members))
        let verifier = TokenVerifier()
        for (algorithm, kid) in pairs {
            for (other, _) in pems {
                var options = SigningOptions(algorithm: algorithm, expiresIn: 60)
                options.keyid = other
                let key = TestSignatures.pair(for: algorithm).signing
                let token = Array(try TokenSigner().sign([:], key: key, options: options, now: TestTokens.now).utf8)
                let failure = TestTokens.failure(token, keys: keys, verifier: verifier)
                if other == kid {
                    #expect(failure == nil)
                } else {
                    #expect(failure != nil)
                }
            }
            let options = SigningOptions(algorithm: algorithm, expiresIn: 60)
            let key = TestSignatures.pair(for: algorithm).signing
            let anonymous = Array(try TokenSigner().sign([:], key: key, options: options, now: TestTokens.now).utf8)
            #expect(TestTokens.failure(anonymous, keys: keys) == .unknownKeyID)
        }
    }
}

/// Which key of a set signs.
@Suite struct JSONWebKeySetSigningTests {
    private static func set(_ members: [JSONObject?]) throws -> [UInt8] {
        let keys = try members.map { JSONValue.object(try #require($0)) }
        return JSONValue.object(["keys": .array(keys)]).serialized()
    }

    private static let first = try! SigningKey.generate(.ES256, kid: "first")
    private static let second = try! SigningKey.generate(.HS256, kid: "second")
    private static let other = try! SigningKey.generate(.EdDSA, kid: "other")

    private static func with(_ key: SigningKey, _ name: String, _ value: JSONValue?) -> JSONObject? {
        var object = key.privateJWK
        object?[name] = value
        return object
    }

    @Test func firstThatCan() throws {
        let text = try Self.set([
            Self.other.verificationKey.jwk, Self.with(Self.other, "use", "enc"),
            Self.with(Self.second, "key_ops", ["verify"]), ["kty": "unknown", "d": "AA"], Self.first.privateJWK,
            Self.second.privateJWK,
        ])
        #expect(try SigningKey.jwkSet(text)?.keyID == "first")
        #expect(try SigningKey.jwkSet(text, keyID: "first")?.keyID == "first")
    }

    @Test func named() throws {
        let text = try Self.set([Self.first.privateJWK, Self.second.privateJWK, Self.other.verificationKey.jwk])
        #expect(try SigningKey.jwkSet(text, keyID: "second")?.keyID == "second")
        #expect(throws: KeyError.self) { try SigningKey.jwkSet(text, keyID: "third") }
        let error = #expect(throws: KeyError.self) { try SigningKey.jwkSet(text, keyID: "other") }
        #expect(error?.code == .privateKeyRequired)
    }

    @Test func none() throws {
        let text = try Self.set([Self.first.verificationKey.jwk, Self.other.verificationKey.jwk])
        #expect(try SigningKey.jwkSet(text) == nil)
    }

    /// A broken key is no reason to sign with the next one.
    @Test func broken() throws {
        let text = try Self.set([Self.with(Self.first, "d", "AAAA"), Self.second.privateJWK])
        let error = #expect(throws: KeyError.self) { try SigningKey.jwkSet(text) }
        #expect(error?.code == .malformed)
        #expect(throws: KeyError.self) { try SigningKey.jwkSet(Array("[]".utf8)) }
    }
}
