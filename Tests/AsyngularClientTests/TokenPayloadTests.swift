import StrictJSON
import Testing

@testable import AsyngularClient

struct TokenPayloadTests {
    @Test(
        arguments: [
            (TestToken.make(#"{"username":"bob"}"#), #"{"username":"bob"}"#),
            ("x.eyJhIjoiw7/DvyJ9.y", #"{"a":"ÿÿ"}"#),
            ("x.eyJhIjoiw7_DvyJ9.y", #"{"a":"ÿÿ"}"#),
            ("x.eyJhIjoxfQ==", #"{"a":1}"#),
            ("x.eyJhIjoxfQ", #"{"a":1}"#),
            ("abc", nil), ("", nil), ("x.!!.y", nil), ("x.aGVsbG8.y", nil), ("..", nil),
        ] as [(String, String?)]
    )
    func `the second part holds the claims`(token: String, claims: String?) {
        #expect(AGClientAuthToken(signed: token).claims?.description == claims)
    }

    @Test
    func `claims are read by name and by type`() throws {
        struct Claims: Decodable { let username: String }
        let token = AGClientAuthToken(signed: TestToken.make(#"{"username":"bob","exp":1700000000.5}"#))
        #expect(token["username"] == "bob")
        #expect(token["other"] == nil)
        #expect(token.expiresAt == 1_700_000_000.5)
        #expect(try token.decode(as: Claims.self).username == "bob")
    }

    @Test
    func `a token is not printed`() {
        let token = AGClientAuthToken(signed: TestToken.make(#"{"a":1}"#))
        var dumped = ""
        dump(AGClientAuthentication(authToken: token), to: &dumped)
        #expect(!dumped.contains("c2ln") && !"\(token)".contains("c2ln") && !String(reflecting: token).contains("c2ln"))
        dump(AGAuthTokenRemoval("secret"), to: &dumped)
        #expect(!dumped.contains("secret"))
    }
}
