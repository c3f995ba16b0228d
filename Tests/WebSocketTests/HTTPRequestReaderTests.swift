import Testing

@testable import WebSocket

/// Requests of one connection, one after another.
@Suite struct HTTPRequestReaderTests {
    /// Reads everything, answering each request as soon as it is complete; bodies are shown behind their targets.
    static func read(_ chunks: [[UInt8]], limit: Int = 100) -> [String] {
        var reader = HTTPRequestReader()
        var seen: [String] = []
        for chunk in chunks {
            var position = 0
            do throws(HTTPError) {
                while let event = try unsafe reader.next(chunk.span.bytes, at: &position) {
                    switch event {
                    case .head(let head):
                        seen.append(head.target + "=")
                        try reader.readBody(limits: .init(maximumBodyBytes: limit))
                    case .content(let range): seen[seen.count - 1] += String(decoding: chunk[range], as: UTF8.self)
                    case .end:
                        seen[seen.count - 1] += ";"
                        reader.beginNextRequest()
                    }
                }
            } catch {
                return seen + ["\(error.status)"]
            }
        }
        return seen
    }

    static let stream =
        request("GET /a HTTP/1.1", "Host: h")
        + request("POST /b HTTP/1.1", "Host: h", "Content-Length: 3") + Array("xyz".utf8)
        + request("POST /c HTTP/1.1", "Host: h", "Transfer-Encoding: chunked")
        + Array("2\r\nuv\r\n1\r\nw\r\n0\r\nT: 1\r\n\r\n".utf8)
        + request("GET /d HTTP/1.1", "Host: h")

    @Test func oneAfterAnother() {
        #expect(Self.read([Self.stream]) == ["/a=;", "/b=xyz;", "/c=uvw;", "/d=;"])
    }

    @Test func everySplitGivesTheSame() {
        let whole = Self.read([Self.stream])
        #expect(Self.read(Self.stream.map { [$0] }) == whole)
        for cut in 0...Self.stream.count { #expect(Self.read(chunks(Self.stream, cuts: [cut])) == whole) }
    }

    @Test func afterAnErrorNothingIsRead() {
        #expect(Self.read([Self.stream], limit: 2) == ["/a=;", "/b=", "413"])
        let smuggled = request("POST /a HTTP/1.1", "Host: h", "Transfer-Encoding: chunked")
        #expect(Self.read([smuggled + Array("0\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n".utf8)]) == ["/a=", "400"])
    }

    @Test func nothingIsTakenWithoutADecision() throws {
        var reader = HTTPRequestReader()
        var position = 0
        let end = request("GET /a HTTP/1.1", "Host: h").count
        guard case .head? = try unsafe reader.next(Self.stream.span.bytes, at: &position) else {
            Issue.record("no head")
            return
        }
        #expect(position == end)
        #expect(reader.isMidRequest)
        #expect(try unsafe reader.next(Self.stream.span.bytes, at: &position) == nil)
        try reader.readBody(limits: .init())
        guard case .end? = try unsafe reader.next(Self.stream.span.bytes, at: &position) else {
            Issue.record("no end")
            return
        }
        #expect(!reader.isMidRequest)
        #expect(try unsafe reader.next(Self.stream.span.bytes, at: &position) == nil)
        #expect(position == end)
        reader.beginNextRequest()
        #expect(try unsafe reader.next(Self.stream.span.bytes, at: &position) != nil)
    }

    @Test func midRequest() throws {
        var reader = HTTPRequestReader()
        #expect(!reader.isMidRequest)
        var position = 0
        _ = try unsafe reader.next([UInt8](Self.stream[..<5]).span.bytes, at: &position)
        #expect(reader.isMidRequest)
    }
}
