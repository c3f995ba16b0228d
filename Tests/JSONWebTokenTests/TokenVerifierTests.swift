import StrictJSON
import Testing

@testable import JSONWebToken

/// Contract §8: outcomes, texts and order.
@Suite struct TokenVerifierTests {
    @Test func acceptsTheVectors() throws {
        let verifier = TokenVerifier()
        for (text, algorithm) in [(TestTokens.hs256, Algorithm.HS256), (TestTokens.hs384, .HS384)] {
            // The second time the header is recognised.
            for _ in 0..<2 {
                let token = try verifier.verify(Array(text.utf8), keys: TestTokens.keys, now: TestTokens.now)
                #expect(token.algorithm == algorithm)
                #expect(token.payload == Array(#"{"username":"bob","iat":1700000000,"exp":1700086400}"#.utf8))
                #expect(token.expiresAt == 1_700_086_400)
                #expect(token.issuedAt == 1_700_000_000)
                #expect(token.notBefore == nil)
                #expect(try token.claims()["username"] == "bob")
            }
        }
    }

    /// RFC 7515 appendix A.1, whose header and payload contain line breaks.
    @Test func acceptsRFC7515A1() throws {
        let secret = try #require(
            Base64URL.decode(
                Array("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow".utf8)
            )
        )
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let keys = KeySet([.hmac(secret: secret)])
        let verified = try TokenVerifier().verify(Array(token.utf8), keys: keys, now: 1_300_819_379)
        #expect(try verified.claims()["http://example.com/is_root"] == true)
        #expect(
            TestTokens.failure(Array(token.utf8), keys: keys, now: 1_300_819_380) == .expired(expiredAt: 1_300_819_380)
        )
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let token: [UInt8]
        let name: String
        let message: String
        var algorithms: Set<Algorithm>?
        var testDescription: String { "\(name): \(message) <- \(String(decoding: token.prefix(60), as: UTF8.self))" }
    }

    private static func token(_ text: String) -> [UInt8] { Array(text.utf8) }

    static let bobHeader = Base64URL.encode(Array(TestTokens.plainHeader.utf8))
    static let bobPayload = Base64URL.encode(Array("{}".utf8))
    static let notJSON = Base64URL.encode(Array("{".utf8))

    static let rows: [Row] = [
        // Row 1
        Row(token: [], name: "JsonWebTokenError", message: "jwt must be provided"),
        // Row 2
        Row(token: token("a"), name: "JsonWebTokenError", message: "jwt malformed"),
        Row(token: token("a.b"), name: "JsonWebTokenError", message: "jwt malformed"),
        Row(token: token("a.b.c.d"), name: "JsonWebTokenError", message: "jwt malformed"),
        Row(token: token("...."), name: "JsonWebTokenError", message: "jwt malformed"),
        // Row 3
        Row(token: token(".."), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: token("\(bobHeader)..c"), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: token(".\(bobPayload).AAAA"), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: token("!!!!.\(bobPayload).AAAA"), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: token("\(bobHeader).e30=.AAAA"), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: token("\(bobHeader).\(bobPayload).AA=="), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: token("\(bobHeader).\(bobPayload).AA+/"), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: token(" \(TestTokens.hs256)"), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: token("\(TestTokens.hs256)\n"), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: TestTokens.make("{}", header: "nonsense"), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: TestTokens.make("{}", header: "[]"), name: "JsonWebTokenError", message: "invalid token"),
        Row(token: TestTokens.make("{}", header: #""x""#), name: "JsonWebTokenError", message: "invalid token"),
        // Row 4, before everything about the signature
        Row(token: TestTokens.make("{"), name: "SyntaxError", message: "Unexpected token in JSON at position 1"),
        Row(
            token: token("\(bobHeader).\(notJSON)."),
            name: "SyntaxError",
            message: "Unexpected token in JSON at position 1"
        ),
        Row(
            token: token("\(bobHeader).\(notJSON).AAAA"),
            name: "SyntaxError",
            message: "Unexpected token in JSON at position 1"
        ),
        Row(
            token: TestTokens.make("{} x", header: #"{"alg":"none","typ":"JWT"}"#),
            name: "SyntaxError",
            message: "Unexpected token in JSON at position 3"
        ),
        // Row 5
        Row(
            token: token("\(bobHeader).\(bobPayload)."),
            name: "JsonWebTokenError",
            message: "jwt signature is required"
        ),
        Row(
            token: token("\(Base64URL.encode(Array(#"{"alg":"none"}"#.utf8))).\(bobPayload)."),
            name: "JsonWebTokenError",
            message: "jwt signature is required"
        ),
        // Row 6
        Row(
            token: TestTokens.make("{}", header: #"{"alg":"none","typ":"JWT"}"#),
            name: "JsonWebTokenError",
            message: "invalid algorithm"
        ),
        Row(
            token: TestTokens.make("{}", header: #"{"alg":"hs256","typ":"JWT"}"#),
            name: "JsonWebTokenError",
            message: "invalid algorithm"
        ),
        Row(
            token: TestTokens.make("{}", header: #"{"typ":"JWT"}"#),
            name: "JsonWebTokenError",
            message: "invalid algorithm"
        ),
        Row(
            token: TestTokens.make("{}", header: #"{"alg":256,"typ":"JWT"}"#),
            name: "JsonWebTokenError",
            message: "invalid algorithm"
        ),
        Row(
            token: TestTokens.make("{}", header: #"{"alg":"RS256","typ":"JWT"}"#),
            name: "JsonWebTokenError",
            message: "invalid algorithm"
        ),
        Row(
            token: token(TestTokens.hs256),
            name: "JsonWebTokenError",
            message: "invalid algorithm",
            algorithms: [.HS384, .HS512]
        ),
        Row(token: token(TestTokens.hs256), name: "JsonWebTokenError", message: "invalid algorithm", algorithms: []),
        // Row 7
        Row(
            token: TestTokens.make("{}", header: #"{"alg":"RS256","typ":"JWT"}"#),
            name: "JsonWebTokenError",
            message: "secretOrPublicKey must be an asymmetric key when using RS256",
            algorithms: [.RS256, .HS256]
        ),
        // Row 8
        Row(
            token: TestTokens.make("{}", secret: Array("test-kez".utf8)),
            name: "JsonWebTokenError",
            message: "invalid signature"
        ),
        Row(
            token: TestTokens.make("{}", algorithm: .HS384),
            name: "JsonWebTokenError",
            message: "invalid signature"
        ),
        // Row 9, before row 10
        Row(token: TestTokens.make(#"{"nbf":"1"}"#), name: "JsonWebTokenError", message: "invalid nbf value"),
        Row(token: TestTokens.make(#"{"nbf":null}"#), name: "JsonWebTokenError", message: "invalid nbf value"),
        Row(token: TestTokens.make(#"{"nbf":1e999}"#), name: "JsonWebTokenError", message: "invalid nbf value"),
        Row(token: TestTokens.make(#"{"exp":1,"nbf":1700000101}"#), name: "NotBeforeError", message: "jwt not active"),
        Row(token: TestTokens.make(#"{"nbf":1700000100.5}"#), name: "NotBeforeError", message: "jwt not active"),
        // Row 10
        Row(token: TestTokens.make(#"{"exp":"1800000000"}"#), name: "JsonWebTokenError", message: "invalid exp value"),
        Row(token: TestTokens.make(#"{"exp":null}"#), name: "JsonWebTokenError", message: "invalid exp value"),
        Row(token: TestTokens.make(#"{"exp":true}"#), name: "JsonWebTokenError", message: "invalid exp value"),
        Row(token: TestTokens.make(#"{"exp":1e999}"#), name: "JsonWebTokenError", message: "invalid exp value"),
        Row(token: TestTokens.make(#"{"exp":1700000100}"#), name: "TokenExpiredError", message: "jwt expired"),
        Row(token: TestTokens.make(#"{"exp":1700000099.9}"#), name: "TokenExpiredError", message: "jwt expired"),
        Row(token: TestTokens.make(#"{"exp":0}"#), name: "TokenExpiredError", message: "jwt expired"),
        Row(token: TestTokens.make(#"{"exp":-1e300}"#), name: "TokenExpiredError", message: "jwt expired"),
        // Beyond the table
        Row(token: TestTokens.make(#"{"iat":"now"}"#), name: "JsonWebTokenError", message: "invalid iat value"),
    ]

    @Test(arguments: rows)
    func table(_ row: Row) {
        let error = TestTokens.failure(row.token, policy: VerificationPolicy(algorithms: row.algorithms))
        #expect(error?.name == row.name)
        #expect(error?.message == row.message)
        #expect(error.map { "\($0)" } == "\(row.name): \(row.message)")
    }

    @Test(arguments: [
        "{}", #"{"exp":1700000101}"#, #"{"exp":1700000100.5}"#, #"{"nbf":1700000100}"#, #"{"nbf":1.7e9}"#,
        #"{"iat":1800000000}"#, #"{"exp":1e300}"#, #"{"a":{"exp":1,"exp":2},"b":["exp",1]}"#,
        #" { "exp" : 17000002e2 } "#,
        #"{"expired":1,"ex":1,"":1}"#,
    ])
    func accepts(_ payload: String) {
        #expect(TestTokens.failure(TestTokens.make(payload)) == nil)
    }

    @Test func readsEscapedClaimNames() {
        let token = TestTokens.make(#"{"\u0065xp":1700000000}"#)
        #expect(TestTokens.failure(token) == .expired(expiredAt: 1_700_000_000))
    }

    @Test func toleratesClocks() {
        var policy = VerificationPolicy()
        policy.clockToleranceSeconds = 5
        for (payload, isAccepted) in [
            (#"{"exp":1700000096}"#, true), (#"{"exp":1700000095}"#, false), (#"{"nbf":1700000105}"#, true),
            (#"{"nbf":1700000106}"#, false),
        ] {
            #expect((TestTokens.failure(TestTokens.make(payload), policy: policy) == nil) == isAccepted)
        }
    }

    @Test func carriesTimes() {
        let expired = TestTokens.failure(TestTokens.make(#"{"exp":1700000000.25}"#))
        #expect(expired?.expiredAt == 1_700_000_000.25)
        #expect(expired?.date == nil)
        let early = TestTokens.failure(TestTokens.make(#"{"nbf":1800000000}"#))
        #expect(early?.date == 1_800_000_000)
        #expect(early?.expiredAt == nil)
    }

    @Test func verifiesInPlaceOfASpan() throws {
        let buffer = Array("xx\(TestTokens.hs256)yy".utf8)
        let span = unsafe buffer.span.bytes.extracting(2..<buffer.count - 2)
        let token = try TokenVerifier().verify(span, keys: TestTokens.keys, now: TestTokens.now)
        #expect(token.issuedAt == 1_700_000_000)
    }

    /// Key sets are kept prepared in a small number; all of them stay usable in any order, and none leaks into another.
    @Test func alternatesBetweenKeySets() {
        let verifier = TokenVerifier()
        let secrets = (0..<10).map { Array("secret \($0)".utf8) }
        let sets = secrets.map { KeySet([.hmac(secret: $0)]) }
        let tokens = secrets.map { TestTokens.make("{}", secret: $0) }
        var random = SeededGenerator(seed: 7)
        for _ in 0..<400 {
            let set = Int.random(in: 0..<10, using: &random)
            let token = Int.random(in: 0..<10, using: &random)
            let failure = TestTokens.failure(tokens[token], keys: sets[set], verifier: verifier)
            #expect(failure == (set == token ? nil : .invalidSignature))
        }
        verifier.reset()
        #expect(TestTokens.failure(tokens[0], keys: sets[0], verifier: verifier) == nil)
    }

    /// More different headers than are remembered.
    @Test func remembersABoundedNumberOfHeaders() {
        let verifier = TokenVerifier()
        let tokens = (0..<40).map { TestTokens.make("{}", header: #"{"alg":"HS256","n":\#($0)}"#) }
        for token in tokens + tokens.reversed() {
            #expect(TestTokens.failure(token, verifier: verifier) == nil)
        }
    }

    /// A remembered header must not carry one policy's answer over to another.
    @Test func asksThePolicyEachTime() {
        let verifier = TokenVerifier()
        let token = Array(TestTokens.hs256.utf8)
        #expect(TestTokens.failure(token, verifier: verifier) == nil)
        let only384 = VerificationPolicy(algorithms: [.HS384])
        #expect(TestTokens.failure(token, policy: only384, verifier: verifier) == .invalidAlgorithm)
        var strong = VerificationPolicy()
        strong.minimumKeyStrength = .rfc7518
        #expect(TestTokens.failure(token, policy: strong, verifier: verifier) == .weakKey(.HS256))
        #expect(TestTokens.failure(token, verifier: verifier) == nil)
    }
}
