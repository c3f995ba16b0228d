import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

@Suite struct AGAuthTokenTests {
    private static let claims: JSONObject = ["sub": "bob", "jti": "t", "iat": 5, "exp": 7.5, "x": "\u{e9}\u{1F600}"]

    private static func segments(_ claims: [UInt8]) -> String {
        var text = ""
        var word = 0
        var bits = 0
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for byte in claims {
            word = word << 8 | Int(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[word >> bits & 63])
            }
        }
        if bits > 0 { text.append(alphabet[word << (6 - bits) & 63]) }
        return text
    }

    @Test func claimsAreReadWhenAsked() {
        let token = AGAuthToken(claims: Self.claims)
        #expect(token.subject == "bob" && token.tokenID == "t" && token.issuedAt == 5 && token.expiresAt == 7.5)
        let none = AGAuthToken(claims: ["sub": 1, "jti": nil, "iat": "5", "exp": nil])
        #expect(none.subject == nil && none.tokenID == nil && none.issuedAt == nil && none.expiresAt == nil)
        #expect(token.claims == JSONText(.object(Self.claims)))
    }

    /// With a token's text, whatever it is, the claims stay what they are and the text is given back.
    @Test(arguments: [
        "SEGMENTS", "", ".", "..", "a", "a.b", "a.b.c", "user:bob", "a.SEGMENTS.", ".SEGMENTS.b", "a.SEGMENTSA.b",
        "a.SEGMENTS.b", "eyJhbGciOiJIUzI1NiJ9.SEGMENTS.c2ln", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.SEGMENTS.c2ln",
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzUxMiJ9.SEGMENTS.", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9A.SEGMENTS.x",
        "a.b.SEGMENTS.c", "a.SEGMENTS.c.d", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.SEGMENTS.c2l",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.SEGMENTS.c",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.SEGMENTS.c*ln",
    ])
    func signedText(_ pattern: String) {
        let token = AGAuthToken(claims: Self.claims)
        let text = pattern.replacing("SEGMENTS", with: Self.segments(token.claims.bytes))
        let signed = token.signed(as: Array(text.utf8))
        #expect(token.signedText == nil)
        #expect(signed.signedText == text)
        #expect(signed.claims == token.claims && signed == token && signed.hashValue == token.hashValue)
        #expect(signed.subject == "bob" && signed["x"] == "\u{e9}\u{1F600}")
        #expect(signed.signed(as: Array("other".utf8)).signedText == "other")
    }

    @Test func noDescriptionTellsTheToken() {
        let token = AGAuthToken(claims: ["a": 1]).signed(as: Array("SECRET.SECRET".utf8))
        var dumped = ""
        dump(token, to: &dumped)
        for text in ["\(token)", String(reflecting: token), dumped, "\([token])"] {
            #expect(!text.contains("SECRET") && !text.contains("83, 69") && !text.contains("storage"))
        }
        #expect("\(token)" == #"{"a":1}"#)
    }
}
