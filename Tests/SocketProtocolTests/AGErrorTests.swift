import SocketProtocol
import StrictJSON
import Testing

@Suite struct AGErrorTests {
    private func hydrate(_ text: String) throws -> AGError? { AGError.hydrate(from: try JSONValue(parsing: text)) }

    @Test(arguments: [
        #"{"message":"Invalid user credentials","name":"LoginError"}"#,
        #"{"message":"jwt expired","name":"AuthTokenExpiredError","expiry":"2026-01-01T00:00:00.000Z","isBadToken":true}"#,
        #"{"message":"account suspended","name":"PolicyError","statusCode":4501}"#,
        #"{"message":"plain"}"#, #"{"message":""}"#, #""a bare string""#, "7", "true",
        #"{"message":"m","name":"N","self":{"$ref":"$"},"list":[{"$ref":"$[\"list\"]"}],"null":null}"#,
    ])
    func comesBackAsItWasSent(_ text: String) throws {
        let error = try #require(try hydrate(text))
        #expect(error.dehydrated().description == text)
        #expect(AGError.hydrate(from: error.dehydrated()) == error)
        #expect(AGError.hydrate(from: unsafe text.utf8.span.bytes) == error)
        #expect(error.serialized() == Array(text.utf8))
        var output: [UInt8] = [0x3A]
        error.write(into: &output)
        #expect(output == [0x3A] + Array(text.utf8))
    }

    @Test func putsMessageAndNameFirst() throws {
        let error = try #require(try hydrate(#"{"code":1,"name":"N","message":"m","type":"t"}"#))
        #expect(error.dehydrated().description == #"{"message":"m","name":"N","code":1,"type":"t"}"#)
    }

    @Test func takesNullForSuccess() throws {
        #expect(try hydrate("null") == nil)
    }

    @Test func dropsTheStack() throws {
        let error = try #require(try hydrate(#"{"message":"m","stack":"at evil (x.js:1)","x":{"stack":"kept"}}"#))
        #expect(error.dehydrated().description == #"{"message":"m","x":{"stack":"kept"}}"#)
        let own = AGError(message: "m", properties: ["stack": "at home"])
        #expect(own.dehydrated().description == #"{"message":"m"}"#)
    }

    @Test func repairsMessagesOfTheWrongKind() throws {
        let cases = [
            (#"{"name":"N"}"#, #"{"message":"Invalid error message format","name":"N"}"#),
            (#"{"message":5,"name":"N"}"#, #"{"message":"Invalid error message format","name":"N"}"#),
            (#"{"message":"m","name":5}"#, #"{"message":"m"}"#),
            (#"{"$ref":"$"}"#, #"{"message":"Invalid error message format","$ref":"$"}"#),
            ("[1,2]", #"{"message":"Invalid error message format","0":1,"1":2}"#),
            ("{}", #"{"message":"Invalid error message format"}"#),
        ]
        for (text, sent) in cases { #expect(try hydrate(text)?.dehydrated().description == sent) }
        #expect(AGError.hydrate(from: unsafe "{".utf8.span.bytes)?.message == "Invalid error message format")
    }

    @Test func keepsBareValues() throws {
        let error = AGError(primitive: "just text")
        #expect(error.message == "just text")
        #expect(error.name == nil)
        #expect(error.dehydrated() == "just text")
        #expect(try hydrate("12")?.message == "12")
        #expect(error != AGError(message: "just text"))
    }

    @Test func readsTheKnownProperties() throws {
        let error = try #require(
            try hydrate(#"{"message":"m","isBadToken":false,"silent":true,"statusCode":4501}"#)
        )
        #expect(error.isBadToken == false)
        #expect(error.isSilent)
        #expect(error.statusCode == 4501)
        let other = try #require(try hydrate(#"{"message":"m","isBadToken":1,"silent":"yes","statusCode":70000}"#))
        #expect(other.isBadToken == nil)
        #expect(!other.isSilent)
        #expect(other.statusCode == nil)
    }

    @Test func describesItselfLikeJavaScript() {
        #expect(AGError(name: "N", message: "m").description == "N: m")
        #expect(AGError(message: "m").description == "m")
    }

    @Test func cannotOverrideItsOwnFieldsThroughProperties() {
        let error = AGError(name: "N", message: "m", properties: ["message": "other", "name": "Other", "x": 1])
        #expect(error.dehydrated().description == #"{"message":"m","name":"N","x":1}"#)
    }
}
