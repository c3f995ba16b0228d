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

    private func head(
        _ status: Int,
        reason: String? = nil,
        _ headers: [HTTPHeaderField] = [],
        _ persistence: HTTPResponseWriter.Persistence = .implied
    ) -> String {
        String(
            decoding: HTTPResponseWriter.head(
                status: status,
                reason: reason,
                headers: headers,
                contentLength: 7,
                persistence: persistence,
                date: 784_111_777
            ),
            as: UTF8.self
        )
    }

    private static let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

    @Test func headOfAResponse() {
        #expect(
            head(200, [.init(name: "A", value: "b")])
                == "HTTP/1.1 200 OK\r\nA: b\r\n\(Self.date)Content-Length: 7\r\n\r\n"
        )
        #expect(
            head(299, reason: "x\r\ny", [], .close)
                == "HTTP/1.1 299 x  y\r\n\(Self.date)Connection: close\r\nContent-Length: 7\r\n\r\n"
        )
        #expect(
            head(200, reason: "", [], .keepAlive)
                == "HTTP/1.1 200 OK\r\n\(Self.date)Connection: keep-alive\r\nContent-Length: 7\r\n\r\n"
        )
    }

    @Test(arguments: [204, 304])
    func headWithoutABody(_ status: Int) {
        #expect(!head(status).contains("Content-Length"))
        #expect(!HTTPResponseWriter.hasBody(status))
    }

    @Test func whatFramesTheMessageIsTheWritersAlone() {
        let names = ["Content-Length", "TRANSFER-ENCODING", "connection", "Keep-Alive", "Upgrade", "date"]
        #expect(head(200, names.map { HTTPHeaderField(name: $0, value: "x") }) == head(200))
        #expect(head(200, [.init(name: "Contend-Length", value: "x")]) != head(200))
    }

    @Test func interim() {
        #expect(String(decoding: HTTPResponseWriter.continueResponse, as: UTF8.self) == "HTTP/1.1 100 Continue\r\n\r\n")
    }
}
