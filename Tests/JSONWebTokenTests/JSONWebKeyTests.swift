import StrictJSON
import Testing

@testable import JSONWebToken

@Suite struct JSONWebKeyTests {
    static let privateKeys: [(JSONObject, KeyType)] = [
        (RFCVectors.rs256Key, .rsa), (RFCVectors.es256Key, .p256), (RFCVectors.es512Key, .p521),
        (RFCVectors.edDSAKey, .ed25519),
    ]

    /// RFC 7515 A.2 and A.3: whole tokens with claims.
    @Test(arguments: [
        (RFCVectors.rs256Key, RFCVectors.rs256, Algorithm.RS256), (RFCVectors.es256Key, RFCVectors.es256, .ES256),
    ])
    func verifiesTokensOfTheRFC(_ key: JSONObject, _ token: String, _ algorithm: Algorithm) throws {
        let keys = KeySet([try .jwk(key)])
        let verified = try TokenVerifier().verify(Array(token.utf8), keys: keys, now: 1_300_819_379)
        #expect(verified.algorithm == algorithm)
        #expect(try verified.claims()["iss"] == "joe")
        #expect(
            TestTokens.failure(Array(token.utf8), keys: keys, now: 1_300_819_380)
                == .expired(expiredAt: 1_300_819_380)
        )
    }

    /// RFC 7515 A.4 and RFC 8037 A.4, A.5, whose payloads are no claims.
    @Test(arguments: [
        (RFCVectors.es512Key, RFCVectors.es512, Algorithm.ES512), (RFCVectors.edDSAKey, RFCVectors.edDSA, .EdDSA),
        (RFCVectors.rs256Key, RFCVectors.rs256, .RS256), (RFCVectors.es256Key, RFCVectors.es256, .ES256),
    ])
    func verifiesSignaturesOfTheRFC(_ key: JSONObject, _ token: String, _ algorithm: Algorithm) throws {
        let parts = token.split(separator: ".")
        let input = Array((parts[0] + "." + parts[1]).utf8)
        let signature = try #require(Base64URL.decode(parts[2].utf8))
        let verification = try VerificationKey.jwk(key)
        #expect(TestSignatures.isValid(signature, input, verification, algorithm) == true)
        #expect(TestSignatures.isValid(signature, input + [0], verification, algorithm) == false)
        #expect(TestSignatures.isValid(signature, [], verification, algorithm) == false)
    }

    /// RSASSA-PKCS1-v1_5 and Ed25519 make one signature only, which must be that of the RFC.
    @Test(arguments: [
        (RFCVectors.rs256Key, RFCVectors.rs256, Algorithm.RS256), (RFCVectors.edDSAKey, RFCVectors.edDSA, .EdDSA),
    ])
    func makesTheSignaturesOfTheRFC(_ key: JSONObject, _ token: String, _ algorithm: Algorithm) throws {
        let parts = token.split(separator: ".")
        let engine = try #require(SignatureEngine(try SigningKey.jwk(key).material, algorithm))
        let signature = unsafe [UInt8](unsafeUninitializedCapacity: engine.maximumSignatureLength) { output, count in
            count = unsafe Array((parts[0] + "." + parts[1]).utf8).withUnsafeBytes {
                unsafe engine.sign($0, into: output.baseAddress!) ?? 0
            }
        }
        #expect(Base64URL.encode(signature) == parts[2])
    }

    @Test(arguments: privateKeys)
    func readsAndWrites(_ key: JSONObject, _ type: KeyType) throws {
        let signing = try SigningKey.jwk(JSONValue.object(key).serialized())
        #expect(signing.type == type)
        let exported = try #require(signing.verificationKey.jwk)
        for name in ["kty", "crv", "n", "e", "x", "y"] { #expect(exported[name] == key[name]) }
        for name in ["d", "p", "q", "dp", "dq", "qi", "k"] { #expect(exported[name] == nil) }
        #expect(exported["use"] == "sig")
        let read = try VerificationKey.jwk(exported)
        #expect(read.jwk == exported)
        #expect(try VerificationKey.jwk(key).material.key?.isPrivate == false)
        let failure = failure { try SigningKey.jwk(exported) }
        #expect(failure?.code == .privateKeyRequired)
    }

    /// RSA without its primes (RFC 7518 §6.3.2).
    @Test func privateExponentAlone() throws {
        var key = RFCVectors.rs256Key
        for name in ["p", "q", "dp", "dq", "qi"] { key[name] = nil }
        #expect(try SigningKey.jwk(key).type == .rsa)
        key["p"] = RFCVectors.rs256Key["p"]
        #expect(failure { try SigningKey.jwk(key) } == KeyError(.malformed, "the JWK has no \"q\""))
        var many = RFCVectors.rs256Key
        many["oth"] = []
        #expect(failure { try SigningKey.jwk(many) }?.code == .unsupported)
    }

    /// Half of one pair with half of another.
    @Test func mixedPairsAreRefused() throws {
        var edwards = RFCVectors.edDSAKey
        edwards["x"] = try VerificationKey.pem(TestKeys.ed25519Public).jwk?["x"]
        #expect(failure { try SigningKey.jwk(edwards) }?.code == .inconsistent)
        var curve = RFCVectors.es256Key
        let other = try VerificationKey.pem(TestKeys.p256Public).jwk
        curve["x"] = other?["x"]
        curve["y"] = other?["y"]
        #expect(failure { try SigningKey.jwk(curve) } != nil)
        var rsa = RFCVectors.rs256Key
        rsa["n"] = try VerificationKey.pem(TestKeys.rsaPublic).jwk?["n"]
        #expect(failure { try SigningKey.jwk(rsa) } != nil)
    }

    @Test func secrets() throws {
        let key = try SigningKey.jwk(RFCVectors.secrets[1])
        #expect(key.type == .secret)
        #expect(key.keyID == "HMAC key used in JWS A.1 example")
        #expect(key.algorithms == [.HS256, .HS384, .HS512])
        #expect(!key.isWeak(for: .HS512))
        #expect(key.verificationKey.jwk == nil)
        #expect(failure { try SigningKey.jwk(RFCVectors.secrets[0]) }?.code == .unsupported)
        let restricted: JSONObject = ["kty": "oct", "k": "dGVzdC1rZXk", "alg": "HS256"]
        let verification = try VerificationKey.jwk(restricted)
        #expect(verification.algorithms == [.HS256])
        #expect(TestTokens.failure(Array(TestTokens.hs256.utf8), keys: KeySet([verification])) == nil)
        #expect(TestTokens.failure(Array(TestTokens.hs384.utf8), keys: KeySet([verification])) == .invalidAlgorithm)
        // Short, which is for the policy to judge.
        #expect(verification.isWeak)
        #expect(
            failure { try VerificationKey.jwk(["kty": "oct", "k": "AA", "alg": "RS256"]) }?.code == .algorithmMismatch
        )
        #expect(failure { try VerificationKey.jwk(["kty": "oct", "k": ""]) }?.code == .malformed)
        let pem = Base64URL.encode(Array(TestKeys.rsaPublic.utf8))
        #expect(failure { try VerificationKey.jwk(["kty": "oct", "k": .string(pem)]) }?.code == .notASecret)
    }

    @Test func algorithmRestricts() throws {
        var key = RFCVectors.rs256Key
        key["alg"] = "PS384"
        #expect(try VerificationKey.jwk(key).algorithms == [.PS384])
        #expect(try VerificationKey.jwk(key).jwk?["alg"] == "PS384")
        #expect(failure { try VerificationKey.jwk(key, algorithms: [.RS256]) }?.code == .algorithmMismatch)
        for (algorithm, code) in [
            ("ES256", KeyError.Code.algorithmMismatch), ("none", .unsupported), ("RSA-OAEP", .unsupported),
        ] {
            key["alg"] = .string(algorithm)
            #expect(failure { try VerificationKey.jwk(key) }?.code == code)
        }
    }

    @Test(
        arguments: [
            ("use", "sig", nil, nil), ("use", "enc", KeyError.Code.notPermitted, KeyError.Code.notPermitted),
            ("use", 1, .malformed, .malformed), ("key_ops", ["verify"], nil, .notPermitted),
            ("key_ops", ["sign"], .notPermitted, nil), ("key_ops", ["sign", "verify"], nil, nil),
            ("key_ops", [], .notPermitted, .notPermitted), ("key_ops", ["encrypt"], .notPermitted, .notPermitted),
            ("key_ops", ["verify", "verify"], .malformed, .malformed),
            ("key_ops", ["verify", 1], .malformed, .malformed),
            ("key_ops", "verify", .malformed, .malformed), ("kid", 7, .malformed, .malformed),
            ("alg", ["RS256"], .malformed, .malformed), ("x5u", "https://example.com", nil, nil),
            ("ext", true, nil, nil),
        ] as [(String, JSONValue, KeyError.Code?, KeyError.Code?)]
    )
    func membersThatDecide(
        _ name: String,
        _ value: JSONValue,
        _ verification: KeyError.Code?,
        _ signing: KeyError.Code?
    ) {
        for (key, _) in Self.privateKeys {
            var key = key
            key[name] = value
            #expect(failure { try VerificationKey.jwk(key) }?.code == verification)
            #expect(failure { try SigningKey.jwk(key) }?.code == signing)
        }
    }

    @Test(arguments: [
        ("", KeyError.Code.malformed), ("[]", .malformed), ("{", .malformed), ("{}", .malformed),
        (#"{"kty":"oct","k":"AA","k":"AA"}"#, .malformed), (#"{"kty":"RSA"}"#, .malformed),
        (#"{"kty":"rsa","n":"AQ","e":"AQAB"}"#, .unsupported), (#"{"kty":1}"#, .malformed),
        (#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#, .weak), (#"{"kty":"RSA","n":"A","e":"AQAB"}"#, .malformed),
        (#"{"kty":"RSA","n":"AQ==","e":"AQAB"}"#, .malformed), (#"{"kty":"RSA","n":"AQ","e":65537}"#, .malformed),
        (#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#, .unsupported),
        (#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#, .malformed),
        (#"{"kty":"EC","x":"AA","y":"AA"}"#, .unsupported),
        (#"{"kty":"OKP","crv":"Ed448","x":"AA"}"#, .unsupported),
        (#"{"kty":"OKP","crv":"X25519","x":"AA"}"#, .unsupported),
        (#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#, .malformed),
        (#"{"kty":"oct","k":"\#(String(repeating: "A", count: 3000))"}"#, .tooLarge),
        (String(repeating: " ", count: 70_000) + "{}", .tooLarge),
    ])
    func refusesWithAReason(_ text: String, _ code: KeyError.Code) {
        let failure = failure { try VerificationKey.jwk(Array(text.utf8)) }
        #expect(failure?.code == code)
        #expect(failure.map { $0.message.count < 100 } == true)
    }

    @Test func pointsMustBeOnTheirCurve() throws {
        for name in ["x", "y"] {
            for key in [RFCVectors.es256Key, RFCVectors.es512Key] {
                var key = key
                let bytes = try #require(key[name]?.stringValue.flatMap { Base64URL.decode($0.utf8) })
                key[name] = .string(Base64URL.encode(bytes.dropLast() + [bytes[bytes.count - 1] ^ 1]))
                #expect(failure { try VerificationKey.jwk(key) }?.code == .malformed)
                key[name] = .string(Base64URL.encode([UInt8](repeating: 0, count: bytes.count)))
                #expect(failure { try VerificationKey.jwk(key) }?.code == .malformed)
                key[name] = .string(Base64URL.encode([0] + bytes))
                #expect(failure { try VerificationKey.jwk(key) }?.code == .malformed)
            }
        }
    }

    private func failure(_ body: () throws -> some Any) -> KeyError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? KeyError
        }
    }
}
