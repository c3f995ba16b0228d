import Testing

@testable import WebSocket

@Suite struct HTTPResponseWriterTests {
    @Test func serializesInOrder() {
        let bytes = HTTPResponseWriter.serialize(
            status: 200,
            headers: [.init(name: "A", value: "b"), .init(name: "C", value: "d")],
            body: Array("hi".utf8)
        )
        #expect(
            String(decoding: bytes, as: UTF8.self) == "HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\nContent-Length: 2\r\n\r\nhi"
        )
    }

    @Test(arguments: [100, 101, 204, 304])
    func someStatusesHaveNoBody(_ status: Int) {
        let bytes = HTTPResponseWriter.serialize(status: status, reason: "R", body: [0x61])
        #expect(String(decoding: bytes, as: UTF8.self) == "HTTP/1.1 \(status) R\r\n\r\n")
    }

    @Test func valuesCannotBeginAnotherField() {
        let bytes = HTTPResponseWriter.serialize(
            status: 400,
            reason: "a\r\nb",
            headers: [.init(name: "A\r\n", value: "b\r\nC: d\0\tf")]
        )
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "HTTP/1.1 400 a  b\r\nA  : b  C: d \tf\r\nContent-Length: 0\r\n\r\n"
        )
    }

    @Test func errorResponse() {
        let error = HTTPError(status: 426, message: "no", headers: [.init(name: "Upgrade", value: "websocket")])
        #expect(
            String(decoding: error.response(), as: UTF8.self)
                == "HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Type: text/html\r\n"
                + "Upgrade: websocket\r\nContent-Length: 2\r\n\r\nno"
        )
    }

    @Test(arguments: [400, 401, 403, 404, 405, 408, 413, 414, 426, 429, 431, 500, 501, 503, 505])
    func everyStatusInUseHasAReason(_ status: Int) {
        #expect(!HTTPResponseWriter.reasonPhrase(status).isEmpty)
        #expect(HTTPError(status: status).message == HTTPResponseWriter.reasonPhrase(status))
    }
}
