import StrictJSON
import Testing

@testable import JSONWebToken

@Suite struct TokenSignerTests {
    private static let bob: JSONObject = ["username": "bob", "iat": 1_700_000_000, "exp": 1_700_086_400]

    private func parts(_ claims: JSONObject, _ options: SigningOptions = SigningOptions()) throws -> (String, String) {
        let token = try TokenSigner().sign(claims, key: TestTokens.key, options: options, now: 1000)
        let parts = try TokenInspector.inspect(Array(token.utf8))
        return (String(decoding: parts.header, as: UTF8.self), String(decoding: parts.payload, as: UTF8.self))
    }

    private func options(_ change: (inout SigningOptions) -> Void) -> SigningOptions {
        var options = SigningOptions()
        change(&options)
        return options
    }

    @Test func vectors() throws {
        let signer = TokenSigner()
        for _ in 0..<2 {
            #expect(try signer.sign(Self.bob, key: TestTokens.key, now: 5) == TestTokens.hs256)
            let hs384 = SigningOptions(algorithm: .HS384, expiresIn: nil)
            #expect(try signer.sign(Self.bob, key: TestTokens.key, options: hs384, now: 5) == TestTokens.hs384)
        }
        let fromIssue: JSONObject = ["username": "bob", "iat": 1_700_000_000]
        let day = SigningOptions(expiresIn: 86_400)
        #expect(try signer.sign(fromIssue, key: TestTokens.key, options: day, now: 5) == TestTokens.hs256)
    }

    private static let payloads: [(JSONObject, SigningOptions, String)] = [
        (["a": 1] as JSONObject, SigningOptions(), #"{"a":1,"iat":1000}"#),
        ([:], SigningOptions(expiresIn: 60), #"{"iat":1000,"exp":1060}"#),
        ([:], SigningOptions(expiresIn: "2h"), #"{"iat":1000,"exp":8200}"#),
        ([:], SigningOptions(expiresIn: "60"), #"{"iat":1000,"exp":1000}"#),
        ([:], SigningOptions(expiresIn: -10), #"{"iat":1000,"exp":990}"#),
        (["iat": 500, "a": 1], SigningOptions(expiresIn: 60), #"{"iat":500,"a":1,"exp":560}"#),
        (["iat": 0], SigningOptions(), #"{"iat":1000}"#),
        (["iat": 500.5], SigningOptions(expiresIn: 60), #"{"iat":500.5,"exp":560.5}"#),
        (["iat": 500.5], SigningOptions(expiresIn: "1m"), #"{"iat":500.5,"exp":560}"#),
        (["exp": 5, "text": "\u{E9}\"\\\n/"], SigningOptions(), #"{"exp":5,"text":"é\"\\\n/","iat":1000}"#),
        (["exp": 1.5, "nbf": 7], SigningOptions(), #"{"exp":1.5,"nbf":7,"iat":1000}"#),
    ]

    @Test(arguments: payloads)
    func payload(_ claims: JSONObject, _ options: SigningOptions, _ wanted: String) throws {
        #expect(try parts(claims, options).1 == wanted)
    }

    @Test func everyOption() throws {
        let all = options {
            $0.expiresIn = 60
            $0.notBefore = "10s"
            $0.audience = ["a", "b"]
            $0.issuer = "me"
            $0.subject = "bob"
            $0.jwtid = "7"
            $0.keyid = "k"
            $0.header = ["cty": "x", "typ": "at+jwt"]
        }
        let (header, payload) = try parts(["a": 1], all)
        #expect(header == #"{"alg":"HS256","typ":"at+jwt","kid":"k","cty":"x"}"#)
        #expect(
            payload == #"{"a":1,"iat":1000,"nbf":1010,"exp":1060,"aud":["a","b"],"iss":"me","sub":"bob","jti":"7"}"#
        )
    }

    @Test func timestampMayBeLeftOut() throws {
        let without = options {
            $0.noTimestamp = true
            $0.expiresIn = 60
        }
        #expect(try parts(["a": 1], without).1 == #"{"a":1,"exp":1060}"#)
        #expect(try parts(["iat": 500, "a": 1], without).1 == #"{"a":1,"exp":560}"#)
    }

    @Test func writesTheKeysIdentifier() throws {
        let key = SigningKey.hmac(secret: TestTokens.secret, kid: "k1")
        let signer = TokenSigner()
        let token = try signer.sign([:], key: key, now: 1)
        #expect(try TokenInspector.inspect(Array(token.utf8)).headerValue()["kid"] == "k1")
        let other = try signer.sign([:], key: key, options: options { $0.keyid = "k2" }, now: 1)
        #expect(try TokenInspector.inspect(Array(other.utf8)).headerValue()["kid"] == "k2")
    }

    private static let refusedClaims: [(JSONObject, String)] = [
        (["iat": "x"] as JSONObject, "should be a number of seconds"),
        (["exp": nil], "should be a number of seconds"),
        (["nbf": true], "should be a number of seconds"),
        (["exp": .number(.infinity)], "should be a number of seconds"),
    ]

    @Test(arguments: refusedClaims)
    func refusesClaims(_ claims: JSONObject, _ message: String) {
        #expect(throws: SigningError(message)) { try parts(claims) }
    }

    @Test func refusesWhatIsGivenTwice() {
        let cases: [(JSONObject, SigningOptions, String)] = [
            (
                ["exp": 5] as JSONObject, SigningOptions(expiresIn: 60),
                #"Bad "options.expiresIn" option the payload already has an "exp" property."#
            ),
            (
                ["nbf": 5], options { $0.notBefore = 1 },
                #"Bad "options.notBefore" option the payload already has an "nbf" property."#
            ),
            (
                ["aud": "x"], options { $0.audience = "x" },
                #"Bad "options.audience" option. The payload already has an "aud" property."#
            ),
            (
                ["iss": "x"], options { $0.issuer = "x" },
                #"Bad "options.issuer" option. The payload already has an "iss" property."#
            ),
            (
                ["sub": "x"], options { $0.subject = "x" },
                #"Bad "options.subject" option. The payload already has an "sub" property."#
            ),
            (
                ["jti": "x"], options { $0.jwtid = "x" },
                #"Bad "options.jwtid" option. The payload already has an "jti" property."#
            ),
        ]
        for (claims, options, message) in cases {
            #expect(throws: SigningError(message)) { try parts(claims, options) }
        }
    }

    @Test func refusesOptions() {
        let timespan = #"should be a number of seconds or string representing a timespan"#
        let cases: [(SigningOptions, String)] = [
            (SigningOptions(expiresIn: ""), #""expiresIn" \#(timespan)"#),
            (SigningOptions(expiresIn: "soon"), #""expiresIn" \#(timespan) eg: "1d", "20h", 60"#),
            (options { $0.notBefore = "" }, #""notBefore" \#(timespan)"#),
            (options { $0.notBefore = "1 h m" }, #""notBefore" \#(timespan) eg: "1d", "20h", 60"#),
            (options { $0.audience = 7 }, #""audience" must be a string or array"#),
            (options { $0.header = ["alg": "HS512"] }, #""header" may not change the algorithm"#),
            (options { $0.header = ["crit": ["b64"]] }, #""crit" is not supported in "header""#),
            (options { $0.header = ["b64": false] }, #""b64" is not supported in "header""#),
            (options { $0.header = ["kid": 7] }, #""kid" must be a string in "header""#),
            (
                SigningOptions(algorithm: .RS256, expiresIn: nil),
                "secretOrPrivateKey must be an asymmetric key when using RS256"
            ),
            (
                SigningOptions(algorithm: .EdDSA, expiresIn: nil),
                "secretOrPrivateKey must be an asymmetric key when using EdDSA"
            ),
        ]
        for (options, message) in cases {
            #expect(throws: SigningError(message)) { try parts([:], options) }
        }
        #expect(throws: SigningError("secretOrPrivateKey must have a value")) {
            try TokenSigner().sign([:], key: .hmac(secret: []), now: 1)
        }
        #expect(throws: SigningError("secretOrPrivateKey may not be used with HS256")) {
            try TokenSigner().sign([:], key: .hmac(secret: [1], algorithms: [.HS512]), now: 1)
        }
    }

    /// Whatever is signed verifies to the same claims, for every algorithm and a signer with more keys than it keeps.
    @Test func roundTrips() throws {
        let (signer, verifier) = (TokenSigner(), TokenVerifier())
        var random = SeededGenerator(seed: 3)
        let keys = (1...12).map { index in
            SigningKey.hmac(secret: (0..<index * 16).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        let sets = keys.map { KeySet([$0.verificationKey]) }
        for _ in 0..<300 {
            let index = Int.random(in: 0..<keys.count, using: &random)
            let algorithm = [Algorithm.HS256, .HS384, .HS512].randomElement(using: &random)!
            var claims = JSONObject()
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let name = String(UInt64.random(in: 0...40, using: &random), radix: 36)
                claims[name] = [
                    .string(String(UInt64.random(in: 0...UInt64.max, using: &random), radix: 36)), nil, true,
                    [1, [2.5]],
                    .integer(.random(in: -1000...1000, using: &random)), ["x": "\u{1F600}\"\u{1}"],
                ].randomElement(using: &random)!
            }
            let options = SigningOptions(algorithm: algorithm, expiresIn: 10)
            let token = try signer.sign(claims, key: keys[index], options: options, now: 1000)
            let verified = try verifier.verify(Array(token.utf8), keys: sets[index], now: 1009)
            claims["iat"] = 1000
            claims["exp"] = 1010
            #expect(try verified.claims() == .object(claims))
            #expect(verified.algorithm == algorithm)
            let other = sets[(index + 1) % sets.count]
            #expect(
                TestTokens.failure(Array(token.utf8), keys: other, now: 1009, verifier: verifier) == .invalidSignature
            )
            #expect(
                TestTokens.failure(Array(token.utf8), keys: sets[index], now: 1010, verifier: verifier)
                    == .expired(expiredAt: 1010)
            )
        }
        signer.reset()
        #expect(try signer.sign(Self.bob, key: TestTokens.key, now: 5) == TestTokens.hs256)
    }
}
