import StrictJSON
import Testing

@testable import JSONWebToken

/// The rules of RFC 7515, RFC 7518, RFC 7519 and RFC 8725 once more for tokens with public keys: what is correctly signed and
/// still refused, and what is not signed by the key at all.
@Suite struct SecurityChecklistTests {
    /// Any header and payload with a good signature.
    private static func make(_ algorithm: Algorithm, _ payload: String = "{}", header: String? = nil) -> [UInt8] {
        let header = header ?? #"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        return Array((input + "." + Base64URL.encode(signature(Array(input.utf8), algorithm))).utf8)
    }

    private static func signature(_ input: [UInt8], _ algorithm: Algorithm) -> [UInt8] {
        let engine = SignatureEngine(TestSignatures.pair(for: algorithm).signing.material, algorithm)!
        return unsafe [UInt8](unsafeUninitializedCapacity: engine.maximumSignatureLength) { output, count in
            count = unsafe input.withUnsafeBytes { unsafe engine.sign($0, into: output.baseAddress!) ?? 0 }
        }
    }

    private static func keys(_ algorithm: Algorithm) -> KeySet {
        KeySet([TestSignatures.pair(for: algorithm).verification])
    }

    @Test(arguments: TestSignatures.asymmetric)
    func takesTheGood(_ algorithm: Algorithm) {
        #expect(TestTokens.failure(Self.make(algorithm), keys: Self.keys(algorithm)) == nil)
    }

    static let headers: [(String, TokenError)] = [
        (#""crit":["exp"],"exp":1"#, .criticalHeader), (#""crit":[]"#, .criticalHeader),
        (#""crit":"b64""#, .criticalHeader), (#""b64":false"#, .unencodedPayload), (#""b64":0"#, .unencodedPayload),
        (#""alg":"none""#, .duplicateHeaderParameter), (#""\u0061lg":"HS256""#, .duplicateHeaderParameter),
        (#""kid":null"#, .invalidToken), (#""typ":1"#, .invalidToken), (#""x":1e"#, .invalidToken),
    ]

    @Test(arguments: TestSignatures.asymmetric, headers)
    func refusesHeaders(_ algorithm: Algorithm, _ row: (more: String, error: TokenError)) {
        let token = Self.make(algorithm, header: #"{"alg":"\#(algorithm.rawValue)",\#(row.more)}"#)
        #expect(TestTokens.failure(token, keys: Self.keys(algorithm)) == row.error)
    }

    /// Whatever the policy allows: `none` in any case has no key.
    @Test(arguments: TestSignatures.asymmetric, ["none", "None", "nOnE", "NONE", "hs256", "", "ES256K", "RS1"])
    func refusesNone(_ algorithm: Algorithm, _ name: String) {
        for policy in [VerificationPolicy(), VerificationPolicy(algorithms: Set(Algorithm.allCases))] {
            let token = Self.make(algorithm, header: #"{"alg":"\#(name)"}"#)
            #expect(TestTokens.failure(token, keys: Self.keys(algorithm), policy: policy) == .invalidAlgorithm)
            let unsigned = TestSignatures.replacing(token) { _ in [] }
            #expect(TestTokens.failure(unsigned, keys: Self.keys(algorithm), policy: policy) == .signatureRequired)
        }
    }

    /// Keys in the header select nothing (RFC 8725 §3.10), good as their signatures may be.
    @Test(arguments: TestSignatures.asymmetric)
    func ignoresEmbeddedKeys(_ algorithm: Algorithm) throws {
        let attacker = try SigningKey.generate(algorithm, kid: "mine", modulusBits: 2048)
        let jwk = JSONValue.object(try #require(attacker.verificationKey.jwk))
        for header in [
            ["jwk": jwk, "kid": "mine"], ["jku": "http://127.0.0.1/keys"], ["x5u": "file:///etc/ssl/cert.pem"],
            ["x5c": ["AAAA"], "x5t": "AAAA"],
        ] as [JSONObject] {
            var options = SigningOptions(algorithm: algorithm, expiresIn: nil)
            options.header = header
            options.keyid = "k"
            let token = Array(try TokenSigner().sign([:], key: attacker, options: options, now: 1).utf8)
            #expect(TestTokens.failure(token, keys: Self.keys(algorithm)) == .invalidSignature)
        }
    }

    /// An unknown `kid`, or none, is no reason to try the other keys (RFC 8725 §3.10); one is only compared.
    @Test(arguments: [
        nil, "", "K", "k ", "../k", "k/../k", "/dev/null", "' OR 1=1 --", "k\u{0}", String(repeating: "k", count: 256),
    ])
    func unknownKeyID(_ keyID: String?) throws {
        for algorithm in TestSignatures.asymmetric {
            let pair = TestSignatures.pair(for: algorithm)
            let key = VerificationKey(material: pair.verification.material, keyID: "k")
            var options = SigningOptions(algorithm: algorithm, expiresIn: nil)
            options.keyid = keyID
            let token = Array(try TokenSigner().sign([:], key: pair.signing, options: options, now: 1).utf8)
            #expect(TestTokens.failure(token, keys: KeySet([key])) == .unknownKeyID)
        }
    }

    /// One byte more or less, none, another's, and bytes that are no signature of any length.
    @Test(arguments: TestSignatures.asymmetric)
    func refusesSignatures(_ algorithm: Algorithm) {
        let token = Self.make(algorithm)
        for change in [
            { $0.dropLast() }, { $0 + [0] }, { [0] + $0 }, { $0 + $0 }, { [UInt8](repeating: 0, count: $0.count) },
            { [UInt8](repeating: 255, count: $0.count) }, { $0.reversed() }, { [$0[0] ^ 1] + $0.dropFirst() },
            { _ in [0] }, { _ in [UInt8](repeating: 1, count: 2000) },
        ] as [([UInt8]) -> [UInt8]] {
            let forged = TestSignatures.replacing(token, signature: change)
            #expect(TestTokens.failure(forged, keys: Self.keys(algorithm)) == .invalidSignature)
        }
        let other = Self.make(algorithm, #"{"a":1}"#)
        let forged = TestSignatures.replacing(token) { _ in Base64URL.decode(other.split(separator: 0x2E)[2])! }
        #expect(TestTokens.failure(forged, keys: Self.keys(algorithm)) == .invalidSignature)
    }

    /// Texts that are nearly base64url, in each of the three parts (RFC 7515 §2).
    @Test(arguments: TestSignatures.asymmetric, ["=", "==", " ", "\n", "+", "/", "%2D", "A"])
    func refusesLooseEncodings(_ algorithm: Algorithm, _ end: String) {
        let parts = String(decoding: Self.make(algorithm), as: UTF8.self).split(separator: ".").map(String.init)
        for index in 0..<3 {
            var changed = parts
            changed[index] += end
            let token = Array(changed.joined(separator: ".").utf8)
            #expect(TestTokens.failure(token, keys: Self.keys(algorithm)) != nil)
        }
    }

    /// Encrypted and compressed tokens are not read at all.
    @Test func refusesJWE() {
        #expect(TestTokens.failure(Array("e30.e30.e30.e30.e30".utf8)) == .malformed)
        #expect(TestTokens.failure(Array("e30....".utf8)) == .malformed)
        let token = TestTokens.make("{}", header: #"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#)
        #expect(TestTokens.failure(token) == .invalidAlgorithm)
    }

    @Test(arguments: TestSignatures.asymmetric)
    func refusesPayloads(_ algorithm: Algorithm) {
        let deep = String(repeating: "[", count: 1500) + String(repeating: "]", count: 1500)
        for payload in [
            "null", "[]", "1", #""bob""#, "{} {}", "{", "", #"{"a":1,"a":2}"#, #"{"a":\#(deep)}"#, #"{"exp":1e999}"#,
            #"{"exp":"4102444800"}"#, #"{"nbf":true}"#, #"{"iat":[]}"#, "\u{FEFF}{}",
        ] {
            #expect(TestTokens.failure(Self.make(algorithm, payload), keys: Self.keys(algorithm)) != nil, "\(payload)")
        }
    }

    /// No key is weak: 1024 bits and exponents are ParsedKeyTests'; a short secret is refused when asked for.
    @Test(arguments: [(Algorithm.HS256, 32), (.HS384, 48), (.HS512, 64)])
    func shortSecrets(_ algorithm: Algorithm, _ length: Int) {
        var policy = VerificationPolicy()
        policy.minimumKeyStrength = .rfc7518
        for count in [1, length - 1, length] {
            let secret = [UInt8](repeating: 7, count: count)
            let header = #"{"alg":"\#(algorithm.rawValue)"}"#
            let token = TestTokens.make("{}", header: header, secret: secret, algorithm: algorithm)
            let failure = TestTokens.failure(token, keys: KeySet([.hmac(secret: secret)]), policy: policy)
            #expect(failure == (count < length ? .weakKey(algorithm) : nil))
        }
    }

    /// What is signed here is accepted here: the signer makes nothing that the verifier refuses.
    @Test(arguments: [("alg", "none"), ("alg", "HS256"), ("crit", "x"), ("b64", "false")])
    func signsNothingUnsafe(_ name: String, _ value: String) {
        var options = SigningOptions(algorithm: .ES256, expiresIn: nil)
        var header = JSONObject()
        header[name] = .string(value)
        options.header = header
        #expect(throws: SigningError.self) {
            try TokenSigner().sign([:], key: TestSignatures.p256.signing, options: options, now: 1)
        }
    }
}
