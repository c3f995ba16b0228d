import StrictJSON
import Testing

@testable import JSONWebToken

/// The rules of RFC 7515, RFC 7519 and RFC 8725 that apply to HMAC tokens, and resistance to damaged input.
@Suite struct TokenVerifierSafetyTests {
    @Test(arguments: ["none", "None", "NONE", "nOnE", "none ", "", "HS256 ", "Hs256", "HS257", "HS1", "NULL"])
    func refusesEveryOtherAlgorithm(_ name: String) {
        let header = #"{"alg":"\#(name)","typ":"JWT"}"#
        #expect(TestTokens.failure(TestTokens.make("{}", header: header)) == .invalidAlgorithm)
        var policy = VerificationPolicy()
        policy.algorithms = Set(Algorithm.allCases)
        #expect(TestTokens.failure(TestTokens.make("{}", header: header), policy: policy) == .invalidAlgorithm)
        let unsigned = Base64URL.encode(Array(header.utf8)) + ".e30."
        #expect(TestTokens.failure(Array(unsigned.utf8)) == .signatureRequired)
    }

    @Test(arguments: [
        (#"{"alg":"HS256","crit":["exp"],"exp":1}"#, TokenError.criticalHeader),
        (#"{"alg":"HS256","crit":[]}"#, .criticalHeader),
        (#"{"alg":"HS256","crit":null}"#, .criticalHeader),
        (#"{"alg":"HS256","cr\u0069t":["b64"],"b64":false}"#, .criticalHeader),
        (#"{"alg":"HS256","b64":false}"#, .unencodedPayload),
        (#"{"alg":"HS256","b64":null}"#, .unencodedPayload),
        (#"{"alg":"HS256","alg":"HS256"}"#, .duplicateHeaderParameter),
        (#"{"alg":"none","alg":"HS256"}"#, .duplicateHeaderParameter),
        (#"{"alg":"HS256","\u0061lg":"HS256"}"#, .duplicateHeaderParameter),
        (#"{"alg":"HS256","x-very-long-name":1,"x-very-long-name":1}"#, .duplicateHeaderParameter),
        (#"{"alg":"HS256","kid":7}"#, .invalidToken),
        (#"{"alg":"HS256","typ":null}"#, .invalidToken),
        (#"{"alg":"HS256"} {}"#, .invalidToken),
        (#"{"alg":"HS256",}"#, .invalidToken),
        ("\u{FEFF}{\"alg\":\"HS256\"}", .invalidToken),
        (
            #"{"alg":"HS256","x":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}",
            .invalidToken
        ),
    ])
    func refusesHeader(_ header: String, _ error: TokenError) {
        #expect(TestTokens.failure(TestTokens.make("{}", header: header)) == error)
    }

    @Test func limitsHeaderMembers() {
        let header = #"{"alg":"HS256""# + (0..<200).map { #","h\#($0)":1"# }.joined() + "}"
        #expect(TestTokens.failure(TestTokens.make("{}", header: header)) == .invalidToken)
        let fewer = #"{"alg":"HS256""# + (0..<60).map { #","h\#($0)":1"# }.joined() + "}"
        #expect(TestTokens.failure(TestTokens.make("{}", header: fewer)) == nil)
    }

    /// Keys inside the token are ignored, whatever they say (RFC 8725 §3.10).
    @Test func ignoresEmbeddedKeys() {
        let attacker = Array("attacker".utf8)
        let key = Base64URL.encode(attacker)
        let header =
            #"{"alg":"HS256","jwk":{"kty":"oct","k":"\#(key)"},"jku":"http://127.0.0.1/","x5u":"file:///","x5c":["\#(key)"]}"#
        #expect(TestTokens.failure(TestTokens.make("{}", header: header, secret: attacker)) == .invalidSignature)
        #expect(TestTokens.failure(TestTokens.make("{}", header: header)) == nil)
    }

    @Test(arguments: [
        ("null", TokenError.payloadNotObject), ("[]", .payloadNotObject), (#""bob""#, .payloadNotObject),
        ("17", .payloadNotObject), ("true", .payloadNotObject), ("[1", .payloadSyntax(offset: 2)),
        (#"{"a":1,"a":1}"#, .duplicateClaim), (#"{"exp":1,"\u0065xp":1800000000}"#, .duplicateClaim),
        (#"{"\u0065xp":1,"exp":1800000000}"#, .duplicateClaim),
        (#"{"long-claim-name":1,"other":2,"long-claim-name":3}"#, .duplicateClaim),
        (#"{"":1,"":1}"#, .duplicateClaim), (#"{"a":1}{}"#, .payloadSyntax(offset: 7)),
        (#"{"a":01}"#, .payloadSyntax(offset: 6)), (#"{'a':1}"#, .payloadSyntax(offset: 1)),
        (#"{"a":NaN}"#, .payloadSyntax(offset: 5)), (" ", .payloadSyntax(offset: 1)),
    ])
    func refusesPayload(_ payload: String, _ error: TokenError) {
        #expect(TestTokens.failure(TestTokens.make(payload)) == error)
    }

    @Test func refusesPayloadOfAnotherTypeThanJWT() {
        #expect(TestTokens.failure(TestTokens.make("not json", header: #"{"alg":"HS256"}"#)) == .payloadNotObject)
    }

    @Test func refusesIllFormedUTF8() {
        let payload = Array(#"{"a":""#.utf8) + [0xC0, 0xAF] + Array(#""}"#.utf8)
        #expect(TestTokens.failure(TestTokens.make(payload: payload)) == .payloadSyntax(offset: 6))
        let header = Array(#"{"alg":"HS256","x":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(TestTokens.failure(TestTokens.make(payload: Array("{}".utf8), header: header)) == .invalidToken)
    }

    @Test func findsDuplicatesAmongMany() {
        let names = (0..<300).map { #""a claim \#($0)":\#($0)"# }
        #expect(TestTokens.failure(TestTokens.make("{\(names.joined(separator: ","))}")) == nil)
        for index in [0, 1, 31, 32, 33, 299] {
            let members = names + [names[index]]
            #expect(TestTokens.failure(TestTokens.make("{\(members.joined(separator: ","))}")) == .duplicateClaim)
        }
    }

    @Test func capsTheLengthFirst() {
        var policy = VerificationPolicy()
        #expect(policy.maximumTokenLength == 8192)
        let dots = [UInt8](repeating: 0x2E, count: 8193)
        #expect(TestTokens.failure(dots) == .tooLong(limit: 8192))
        #expect(TestTokens.failure(Array(dots.dropLast())) == .malformed)
        let long = TestTokens.make(#"{"a":"\#(String(repeating: "x", count: 20_000))"}"#)
        #expect(TestTokens.failure(long) == .tooLong(limit: 8192))
        policy.maximumTokenLength = long.count
        #expect(TestTokens.failure(long, policy: policy) == nil)
        policy.maximumTokenLength = long.count - 1
        #expect(TestTokens.failure(long, policy: policy) == .tooLong(limit: long.count - 1))
    }

    /// Every other text than the signed one fails, including those that differ in unused bits only.
    @Test(arguments: [TestTokens.hs256, TestTokens.hs384])
    func refusesEveryChangeOfAByte(_ text: String) {
        let verifier = TokenVerifier()
        let token = Array(text.utf8)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/\0\u{7F}".utf8)
        for position in token.indices {
            for byte in alphabet where byte != token[position] {
                var changed = token
                changed[position] = byte
                #expect(TestTokens.failure(changed, verifier: verifier) != nil)
            }
        }
        #expect(TestTokens.failure(token, verifier: verifier) == nil)
    }

    @Test func refusesTruncationsAndAdditions() {
        let verifier = TokenVerifier()
        let token = Array(TestTokens.hs256.utf8)
        for count in 0..<token.count {
            #expect(TestTokens.failure(Array(token.prefix(count)), verifier: verifier) != nil)
            #expect(TestTokens.failure(Array(token.suffix(count)), verifier: verifier) != nil)
        }
        for byte in UInt8.min...UInt8.max {
            #expect(TestTokens.failure(token + [byte], verifier: verifier) != nil)
            #expect(TestTokens.failure([byte] + token, verifier: verifier) != nil)
        }
    }

    /// Whatever arrives is refused without trapping: random bytes, random base64url parts, and signed random payloads.
    @Test func survivesRandomInput() {
        let verifier = TokenVerifier()
        var random = SeededGenerator(seed: 42)
        let pool = Array(#"{}[]":,\u0061exp nbfalgHS256typJWT0123.eE+-"#.utf8)
        for round in 0..<3000 {
            let count = Int.random(in: 0...120, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(TestTokens.failure(bytes, verifier: verifier) != nil)
            let syntax = (0..<count).map { _ in pool.randomElement(using: &random)! }
            let part = Base64URL.encode(round % 2 == 0 ? bytes : syntax)
            #expect(TestTokens.failure(Array("\(part).\(part).\(part)".utf8), verifier: verifier) != nil)
            // A random payload may be valid by chance; here only trapping would be a fault.
            let payload = round % 2 == 0 ? bytes : syntax
            if let error = TestTokens.failure(TestTokens.make(payload: payload), verifier: verifier) {
                #expect(error != .invalidSignature)
            } else {
                #expect(throws: Never.self) { try JSONValue(parsing: payload) }
            }
        }
    }

    /// Failed tokens must not push the headers of good ones out, nor be remembered themselves.
    @Test func remembersOnlyAuthenticHeaders() {
        let verifier = TokenVerifier()
        let good = Array(TestTokens.hs256.utf8)
        #expect(TestTokens.failure(good, verifier: verifier) == nil)
        for index in 0..<100 {
            let forged = TestTokens.make("{}", header: #"{"alg":"HS256","n":\#(index)}"#, secret: [1])
            #expect(TestTokens.failure(forged, verifier: verifier) == .invalidSignature)
            #expect(TestTokens.failure(forged, verifier: verifier) == .invalidSignature)
        }
        #expect(TestTokens.failure(good, verifier: verifier) == nil)
    }

    @Test func errorsNameNothingOfTheToken() {
        let marker = "SECRETMARKER"
        let tokens = [
            TestTokens.make(#"{"a":"\#(marker)"#), TestTokens.make(#"{"exp":"\#(marker)"}"#),
            TestTokens.make("{}", header: #"{"alg":"\#(marker)"}"#), Array("\(marker).\(marker)".utf8),
            TestTokens.make(#"{"\#(marker)":1,"\#(marker)":1}"#),
        ]
        for token in tokens {
            let error = TestTokens.failure(token)
            #expect(error != nil)
            #expect(!"\(String(describing: error)) \(String(reflecting: error))".contains(marker))
        }
    }
}
