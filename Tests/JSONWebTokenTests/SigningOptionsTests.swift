import StrictJSON
import Testing

@testable import JSONWebToken

@Suite struct SigningOptionsTests {
    @Test func readsEveryOption() throws {
        let options = try SigningOptions([
            "algorithm": "HS512", "expiresIn": "1d", "notBefore": -5, "audience": ["a"], "issuer": "i", "subject": "s",
            "jwtid": "j", "keyid": "k", "header": ["x": 1], "noTimestamp": true, "encoding": "utf8",
            "mutatePayload": false,
        ])
        #expect(options.algorithm == .HS512)
        #expect(options.expiresIn == .text("1d"))
        #expect(options.notBefore == .seconds(-5))
        #expect(options.audience == ["a"])
        #expect(options.issuer == "i")
        #expect(options.subject == "s")
        #expect(options.jwtid == "j")
        #expect(options.keyid == "k")
        #expect(options.header == ["x": 1])
        #expect(options.noTimestamp)
        #expect(try SigningOptions([:]) == SigningOptions())
        #expect(try SigningOptions(["expiresIn": 60.0]).expiresIn == .seconds(60))
    }

    private static let refused: [(JSONObject, String)] = [
        (
            ["expiresIn": 1.5] as JSONObject,
            #""expiresIn" should be a number of seconds or string representing a timespan"#
        ),
        (["expiresIn": ""], #""expiresIn" should be a number of seconds or string representing a timespan"#),
        (["expiresIn": nil], #""expiresIn" should be a number of seconds or string representing a timespan"#),
        (["notBefore": true], #""notBefore" should be a number of seconds or string representing a timespan"#),
        (["audience": 1], #""audience" must be a string or array"#),
        (["algorithm": "hs256"], #""algorithm" must be a valid string enum value"#),
        (["algorithm": "none"], #""algorithm" must be a valid string enum value"#),
        (["header": []], #""header" must be an object"#), (["encoding": 1], #""encoding" must be a string"#),
        (["issuer": 1], #""issuer" must be a string"#), (["subject": 1], #""subject" must be a string"#),
        (["jwtid": 1], #""jwtid" must be a string"#), (["keyid": 1], #""keyid" must be a string"#),
        (["noTimestamp": 1], #""noTimestamp" must be a boolean"#),
        (["expires": 1], #""expires" is not allowed in "options""#),
        (["issuer": "x", "bogus": nil], #""bogus" is not allowed in "options""#),
        (["allowInsecureKeySizes": true], #""allowInsecureKeySizes" is not supported"#),
        (["encoding": "latin1"], #""encoding" other than utf8 is not supported"#),
    ]

    @Test(arguments: refused)
    func refuses(_ json: JSONObject, _ message: String) {
        #expect(throws: SigningError(message)) { try SigningOptions(json) }
    }
}
