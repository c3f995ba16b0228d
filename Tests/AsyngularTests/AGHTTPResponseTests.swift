import HTTPTypes
import Testing
import WebSocket

@testable import Asyngular

/// Answers made of values and errors.
@Suite("HTTP responses")
struct AGHTTPResponseTests {
    @Test("Kinds")
    func kinds() {
        let json = AGHTTPResponse.json(["a": [1]], status: .created)
        #expect(json.head.status == .created)
        #expect(json.head.headerFields[.contentType] == "application/json")
        #expect(json.body == Array(#"{"a":[1]}"#.utf8))
        #expect(AGHTTPResponse.text("é").body == [0xC3, 0xA9])
        #expect(AGHTTPResponse.text("<b>").head.headerFields[.xContentTypeOptions] == "nosniff")
        #expect(AGHTTPResponse.html("<b>").head.headerFields[.contentType] == "text/html; charset=utf-8")
        #expect(AGHTTPResponse.status(.noContent) == AGHTTPResponse(status: .noContent))
    }

    @Test("Errors")
    func errors() {
        let error = AGHTTPResponse(AGHTTPError(.conflict, headerFields: [.retryAfter: "1"]))
        #expect(error.head.status == .conflict)
        #expect(error.body == Array("Conflict".utf8))
        #expect(error.head.headerFields[.retryAfter] == "1")
        let own = AGHTTPResponse(HTTPError(status: 405, headers: [.init(name: "Allow", value: "GET")]))
        #expect(own.head.headerFields[.allow] == "GET")
        #expect(own.body == Array("Method Not Allowed".utf8))
    }
}
