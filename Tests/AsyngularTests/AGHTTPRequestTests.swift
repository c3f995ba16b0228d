import HTTPTypes
import StrictJSON
import Testing
import WebSocket

@testable import Asyngular

/// What a handler can ask of a request.
@Suite("HTTP requests")
struct AGHTTPRequestTests {
    private func request(_ contentType: String?, _ body: String, target: String = "/") throws -> AGHTTPRequest {
        var text = "POST \(target) HTTP/1.1\r\nHost: example:80\r\nX-A: 1\r\nx-a: 2\r\nCookie: a=b; c=d\r\n"
        if let contentType { text += "Content-Type: \(contentType)\r\n" }
        var parser = HTTPRequestParser()
        var position = 0
        let bytes = Array((text + "\r\n").utf8)
        let head = try #require(try parser.receive(bytes.rawBytes, at: &position))
        return AGHTTPRequest(head, method: .post, parameters: [:], body: Array(body.utf8), remoteAddress: nil)
    }

    @Test("JSON", arguments: ["application/json", "Application/JSON; charset=utf-8", "application/problem+json ;x"])
    func json(_ type: String) throws {
        #expect(try request(type, "{\"a\":1}").json() == ["a": 1])
    }

    @Test(
        "JSON of another name, or that is none",
        arguments: [
            (nil, "{}", 415), ("text/plain", "{}", 415), ("text/plain; a=application/json", "{}", 415),
            ("application/jsonx", "{}", 415), ("application/json", "{", 400), ("application/json", "", 400),
            ("application/json", "\"\u{1}\"", 400), ("application/json", "[[[[", 400),
        ] as [(String?, String, Int)]
    )
    func noJSON(_ type: String?, _ body: String, _ status: Int) throws {
        let request = try request(type, body)
        let error = #expect(throws: AGHTTPError.self) { try request.json() }
        #expect(error?.status.code == status)
    }

    @Test("JSON may nest so deep")
    func depth() throws {
        let request = try request("application/json", "[[[]]]")
        #expect(throws: Never.self) { try request.json(maximumDepth: 3) }
        #expect(throws: AGHTTPError.self) { try request.json(maximumDepth: 2) }
    }

    @Test("Forms")
    func form() throws {
        let type = "application/x-www-form-urlencoded"
        #expect(try request(type, "a=1&b=%20").form().map { $0.value } == ["1", " "])
        let other = try request("multipart/form-data; boundary=x", "a=1")
        #expect(throws: AGHTTPError(.unsupportedMediaType, "Content-Type must be \(type)")) { try other.form() }
    }

    @Test("Fields, target and query")
    func head() throws {
        let request = try request(nil, "", target: "/a%20b?c=%20&c")
        #expect(request.head.authority == "example:80")
        #expect(request.head.path == "/a%20b?c=%20&c")
        #expect(request.path == "/a%20b")
        #expect(request.query.all("c") == [" ", ""])
        #expect(request.head.headerFields[values: HTTPField.Name("X-A")!] == ["1", "2"])
        #expect(request.head.headerFields[.cookie] == "a=b; c=d")
        #expect(request.head.headerFields[HTTPField.Name("Host")!] == nil)
    }
}
