import StrictJSON
import Testing

@testable import JSONWebToken

@Suite struct TokenInspectorTests {
    @Test func takesATokenApart() throws {
        let parts = try TokenInspector.inspect(Array(TestTokens.hs256.utf8))
        #expect(try parts.headerValue() == ["alg": "HS256", "typ": "JWT"])
        #expect(try parts.payloadValue()["username"] == "bob")
        #expect(parts.signatureLength == 32)
        #expect(TokenInspector.claims(TestTokens.hs256)?["exp"] == 1_700_086_400)
    }

    /// Nothing is verified: an unsigned token is shown as well.
    @Test func takesUnsignedTokensApart() throws {
        let header = Base64URL.encode(Array(#"{"alg":"none"}"#.utf8))
        let parts = try TokenInspector.inspect(Array("\(header).e30.".utf8))
        #expect(parts.signatureLength == 0)
        #expect(try parts.payloadValue() == [:])
    }

    @Test(arguments: [
        ("", TokenError.notProvided), ("a.b", .malformed), ("a.b.c.d", .malformed), ("a.b.c", .invalidToken),
        ("e30.e30=.AA", .invalidToken), ("e30.e30.A", .invalidToken),
    ])
    func refuses(_ text: String, _ error: TokenError) {
        #expect(throws: error) { try TokenInspector.inspect(Array(text.utf8)) }
        #expect(TokenInspector.claims(text) == nil)
    }

    @Test func limitsTheLength() {
        #expect(throws: TokenError.tooLong(limit: 10)) {
            try TokenInspector.inspect(Array(TestTokens.hs256.utf8), maximumLength: 10)
        }
    }
}
