import Testing

@testable import WebSocket

/// RFC 9112 §6 and §7.1: where a body ends.
@Suite struct HTTPBodyDecoderTests {
    /// What a decoder makes of a body.
    enum Outcome: Equatable {
        case complete(String, consumed: Int)
        case error(HTTPError)
        case incomplete(String)
    }

    static func head(_ lines: String...) throws -> HTTPRequestHead {
        let bytes = request("POST / HTTP/1.1", "Host: a", lines.joined(separator: "\r\n"))
        return try #require(try WebSocketTests.head(bytes))
    }

    static func decode(
        _ chunks: [[UInt8]],
        _ head: HTTPRequestHead,
        limits: HTTPBodyDecoder.Limits = .init()
    ) -> Outcome {
        var content: [UInt8] = []
        var consumed = 0
        do throws(HTTPError) {
            var decoder = try HTTPBodyDecoder(head, limits: limits)
            for chunk in chunks {
                var position = 0
                while let event = try unsafe decoder.next(chunk.span.bytes, at: &position) {
                    switch event {
                    case .content(let range): content += chunk[range]
                    case .end: return .complete(String(decoding: content, as: UTF8.self), consumed: consumed + position)
                    }
                }
                precondition(position == chunk.count, "bytes left over without an event")
                consumed += position
            }
        } catch {
            return .error(error)
        }
        return .incomplete(String(decoding: content, as: UTF8.self))
    }

    static func chunked(_ text: String, limits: HTTPBodyDecoder.Limits = .init()) throws -> Outcome {
        decode([Array(text.utf8)], try head("Transfer-Encoding: chunked"), limits: limits)
    }

    // MARK: Content-Length

    @Test func contentLength() throws {
        let head = try Self.head("Content-Length: 3")
        #expect(Self.decode([Array("abcGET /".utf8)], head) == .complete("abc", consumed: 3))
        #expect(Self.decode([Array("ab".utf8)], head) == .incomplete("ab"))
        #expect(Self.decode([[]], try Self.head("Content-Length: 0")) == .complete("", consumed: 0))
        #expect(Self.decode([Array("GET /".utf8)], try Self.head("X: y")) == .complete("", consumed: 0))
    }

    @Test func aLengthBeyondTheLimitIsRefusedUnread() throws {
        let limits = HTTPBodyDecoder.Limits(maximumBodyBytes: 3)
        #expect(Self.decode([], try Self.head("Content-Length: 4"), limits: limits) == .error(HTTPError(status: 413)))
        #expect(Self.decode([], try Self.head("Content-Length: 3"), limits: limits) == .incomplete(""))
        #expect(
            Self.decode([], try Self.head("Content-Length: 9223372036854775807"), limits: limits)
                == .error(HTTPError(status: 413))
        )
    }

    // MARK: Chunks

    static let good: [(String, String)] = [
        ("0\r\n\r\n", ""),
        ("3\r\nabc\r\n0\r\n\r\n", "abc"),
        ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"),
        ("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
        ("0003\r\nabc\r\n000\r\n\r\n", "abc"),
        ("3;name=value;other\r\nabc\r\n0;last\r\n\r\n", "abc"),
        ("3;n=\"a;b\"\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3\r\n\r\n\r\r\n0\r\n\r\n", "\r\n\r"),
        ("0\r\nX-Checksum: 1\r\nY:\r\n\r\n", ""),
    ]

    @Test(arguments: good)
    func inChunks(_ text: String, _ content: String) throws {
        #expect(
            try Self.chunked(text + "GET / HTTP/1.1\r\n") == .complete(content, consumed: text.utf8.count)
        )
    }

    /// What another parser might end elsewhere.
    static let bad: [(String, String)] = [
        ("\r\n", "Invalid chunk size"), (" 3\r\nabc", "Invalid chunk size"), ("3 \r\nabc", "Invalid chunk size"),
        ("3 ;x\r\nabc", "Invalid chunk size"), ("0x3\r\nabc", "Invalid chunk size"),
        ("+3\r\nabc", "Invalid chunk size"),
        ("-1\r\n", "Invalid chunk size"), ("3\nabc", "Invalid chunk size"), ("3\rabc", "Invalid chunk size"),
        ("3_0\r\n", "Invalid chunk size"), ("G\r\n", "Invalid chunk size"), (";x\r\n", "Invalid chunk size"),
        ("00000000000000003\r\nabc", "Invalid chunk size"), ("3;x\nabc\r\n", "Invalid chunk extension"),
        ("3;x\u{0}\r\nabc", "Invalid chunk extension"), ("3;x\r\rabc", "Invalid chunk size"),
        ("3\r\nabcd\r\n", "Invalid chunk end"), ("3\r\nabc\n0\r\n", "Invalid chunk end"),
        ("3\r\nabc\r0\r\n", "Invalid chunk end"), ("3\r\nabc0\r\n", "Invalid chunk end"),
        ("0\r\n\n", "Invalid trailer"), ("0\r\n X: y\r\n\r\n", "Invalid trailer"),
        ("0\r\n: y\r\n\r\n", "Invalid trailer"),
        ("0\r\nX y\r\n\r\n", "Invalid trailer"), ("0\r\nX: y\n\r\n", "Invalid trailer"),
        ("0\r\nX: y\u{0}\r\n\r\n", "Invalid trailer"), ("0\r\nX\r\n\r\n", "Invalid trailer"),
        ("0\r\n\rX", "Invalid trailer"),
    ]

    @Test(arguments: bad)
    func whatIsNotStrictIsRefused(_ text: String, _ message: String) throws {
        #expect(try Self.chunked(text) == .error(HTTPError(status: 400, message: message)))
    }

    @Test func largeSizes() throws {
        for size in ["41", "7FFFFFFFFFFFFFFF", "8000000000000000", "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFF"] {
            #expect(
                try Self.chunked("\(size)\r\n", limits: .init(maximumBodyBytes: 64)) == .error(HTTPError(status: 413)),
                "\(size)"
            )
        }
        #expect(try Self.chunked("40\r\n", limits: .init(maximumBodyBytes: 64)) == .incomplete(""))
    }

    @Test func chunksAddUpToTheLimit() throws {
        let limits = HTTPBodyDecoder.Limits(maximumBodyBytes: 4)
        #expect(
            try Self.chunked("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", limits: limits) == .complete("abcd", consumed: 19)
        )
        #expect(try Self.chunked("3\r\nabc\r\n2\r\n", limits: limits) == .error(HTTPError(status: 413)))
    }

    @Test func extensionsAndTrailersAreBounded() throws {
        let limits = HTTPBodyDecoder.Limits(maximumExtensionBytes: 4, maximumTrailerBytes: 8)
        let extended = "1;ab\r\na\r\n1;cd\r\nb\r\n"
        #expect(try Self.chunked(extended + "0\r\n\r\n", limits: limits) == .complete("ab", consumed: 23))
        #expect(
            try Self.chunked(extended + "0;e\r\n\r\n", limits: limits)
                == .error(HTTPError(status: 400, message: "Invalid chunk extension"))
        )
        #expect(try Self.chunked("0\r\nabc: d\r\n\r\n", limits: limits) == .complete("", consumed: 13))
        #expect(try Self.chunked("0\r\nabc: de\r\n\r\n", limits: limits) == .error(HTTPError(status: 431)))
        #expect(try Self.chunked("0\r\na: b\r\nc: d\r\n\r\n", limits: limits) == .error(HTTPError(status: 431)))
    }

    @Test func nothingIsTakenAfterTheEnd() throws {
        var decoder = try HTTPBodyDecoder(try Self.head("Content-Length: 1"))
        let bytes = Array("ab".utf8)
        var position = 0
        #expect(try unsafe decoder.next(bytes.span.bytes, at: &position) == .content(0..<1))
        #expect(try unsafe decoder.next(bytes.span.bytes, at: &position) == .end)
        #expect(try unsafe decoder.next(bytes.span.bytes, at: &position) == nil)
        #expect(position == 1)
    }

    @Test func everySplitGivesTheSame() throws {
        let head = try Self.head("Transfer-Encoding: chunked")
        let texts = Self.good.map { $0.0 + "GET /" } + Self.bad.map { $0.0 }
        for text in texts {
            let bytes = Array(text.utf8)
            let whole = Self.decode([bytes], head)
            #expect(Self.decode(bytes.map { [$0] }, head) == whole, "\(text.debugDescription) byte by byte")
            for cut in 0...bytes.count {
                #expect(Self.decode(chunks(bytes, cuts: [cut]), head) == whole, "\(text.debugDescription) at \(cut)")
            }
        }
    }
}
