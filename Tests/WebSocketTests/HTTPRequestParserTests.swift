import Testing

@testable import WebSocket

@Suite struct HTTPRequestParserTests {
    static let browser = request(
        "GET /socketcluster/?a=b HTTP/1.1",
        "Host: localhost:8000",
        "Connection: keep-alive, Upgrade",
        "Upgrade: websocket",
        "Cookie: a=b; c=\u{E9}",
        "X-Empty:",
        "X-Tab:\t padded \t",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    )

    @Test func stopsBehindTheBlankLine() throws {
        let input = Self.browser + [0x81, 0x80]
        var parser = HTTPRequestParser()
        var position = 0
        let head = try #require(try receive(input, &parser, &position))
        #expect(position == Self.browser.count)
        #expect(head.bytes == Self.browser)
        #expect(!parser.isMidHead)
    }

    @Test func everyCutGivesTheSame() {
        let whole = parseHead(chunks: [Self.browser + [1, 2, 3]])
        #expect(whole != .incomplete)
        for cut in 0...Self.browser.count {
            #expect(parseHead(chunks: chunks(Self.browser + [1, 2, 3], cuts: [cut])) == whole)
        }
        let single = chunks(Self.browser + [1, 2, 3], cuts: Array(0...Self.browser.count))
        #expect(parseHead(chunks: single) == whole)
    }

    @Test func everyTruncationIsIncomplete() throws {
        for count in 0..<Self.browser.count {
            var parser = HTTPRequestParser()
            var position = 0
            #expect(try receive(Array(Self.browser[..<count]), &parser, &position) == nil)
            #expect(position == count)
            #expect(parser.isMidHead == (count > 0))
        }
    }

    @Test func requestsFollowOneAnother() throws {
        let first = request("GET /a HTTP/1.1", "Host: x")
        let second = request("POST /b HTTP/1.1", "Host: x", "Content-Length: 2")
        let input = first + second + Array("hi".utf8)
        var parser = HTTPRequestParser()
        var position = 0
        #expect(try receive(input, &parser, &position)?.target == "/a")
        #expect(position == first.count)
        let head = try #require(try receive(input, &parser, &position))
        #expect(head.target == "/b" && head.contentLength == 2 && head.hasBody)
        #expect(position == input.count - 2)
    }

    static let requestLines: [(String, Int)] = [
        ("GET / HTTP/1.1", 200), ("GET / HTTP/1.0", 200), ("GET / HTTP/1.2", 200), ("OPTIONS * HTTP/1.1", 200),
        ("GET http://example.com/a HTTP/1.1", 200), ("M-SEARCH / HTTP/1.1", 200), ("get / HTTP/1.1", 200),
        ("", 400), (" GET / HTTP/1.1", 400), ("GET", 400), ("GET ", 400), ("GET /", 400), ("GET / ", 400),
        ("GET  / HTTP/1.1", 400), ("GET /  HTTP/1.1", 400), ("GET / HTTP/1.1 ", 400), ("GET\t/ HTTP/1.1", 400),
        ("GET / HTTP/1", 400), ("GET / HTTP/11", 400), ("GET / HTTP/1.10", 400), ("GET / http/1.1", 400),
        ("GET / HTTP/a.b", 400), ("GET / HTTP/1,1", 400), ("GET / HTTPS/1.1", 400), ("G<T / HTTP/1.1", 400),
        ("GET /a b HTTP/1.1", 400), ("GET /\u{7F} HTTP/1.1", 400), ("GET /\u{E9} HTTP/1.1", 400),
        ("GET /#a HTTP/1.1", 400), ("GET /\0 HTTP/1.1", 400), ("GET / HTTP/1.1\r", 400),
        ("GET / HTTP/2.0", 505), ("GET / HTTP/0.9", 505), ("PRI * HTTP/2.0", 505), ("GET / HTTP/3.0", 505),
        ("\u{16}\u{3}\u{1}\u{2}", 400),
    ]

    @Test(arguments: requestLines)
    func requestLine(_ line: String, _ status: Int) {
        expect(request(line, "Host: x"), status)
    }

    static let headerLines: [(String, Int)] = [
        ("A: b", 200), ("A:b", 200), ("A:", 200), ("A: \t ", 200), ("!#$%&'*+-.^_`|~09az: b", 200), ("A: b:c", 200),
        ("A: \u{E9}\u{1F600}", 200), ("A: a\tb", 200), ("A: \"quoted, text\"", 200),
        ("A : b", 400), ("A\t: b", 400), (" A: b", 400), ("\tfolded", 400), (": b", 400), ("A", 400), ("A b: c", 400),
        ("A\u{E9}: b", 400), ("A(b): c", 400), ("A: a\0b", 400), ("A: a\rb", 400), ("A: a\u{7F}", 400),
        ("A: \u{1B}[31m", 400), ("A: b\r", 400), ("A\0: b", 400),
    ]

    @Test(arguments: headerLines)
    func headerLine(_ line: String, _ status: Int) {
        expect(request("GET / HTTP/1.1", "Host: x", line), status)
        expect(request("GET / HTTP/1.1", line, "Host: x"), status)
    }

    @Test func foldedValueIsRefused() {
        expect(request("GET / HTTP/1.1", "Host: x", "A: b", " c"), 400)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\nHost: x\n\n", "GET / HTTP/1.1\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\n", "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\n", "\r\n\r\n",
    ])
    func lineEndsAreStrict(_ text: String) {
        expect(Array(text.utf8), 400)
    }

    @Test func somethingOtherThanHTTPIsRefusedAtItsFirstByte() {
        #expect(parseHead(chunks: [[0x16]]) == .error(.init(status: 400, message: "Invalid request line")))
        #expect(parseHead(chunks: [Array("G".utf8)]) == .incomplete)
    }

    static let hosts: [([String], Int)] = [
        (["Host: example.com"], 200), (["Host: example.com:8000"], 200), (["host: [::1]:80"], 200), (["HOST:"], 200),
        (["Host: 127.0.0.1"], 200), (["Host: a_b.c-d"], 200), ([], 400), (["Host: a", "Host: a"], 400),
        (["Host: a", "hOsT: b"], 400), (["Host: a b"], 400), (["Host: a/b"], 400), (["Host: a@b"], 400),
        (["Host: a\\b"], 400), (["Host: a?b"], 400), (["Host: \u{E9}"], 400), (["Host: \"a\""], 400),
    ]

    @Test(arguments: hosts)
    func hostOnceAndWellFormed(_ lines: [String], _ status: Int) {
        let text = (["GET / HTTP/1.1"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
        expect(Array(text.utf8), status)
    }

    @Test func hostIsOptionalBeforeHTTP11() {
        expect(request("GET / HTTP/1.0"), 200)
        expect(request("GET / HTTP/1.0", "Host: a", "Host: b"), 400)
    }

    static let bodies: [([String], Int)] = [
        (["Content-Length: 0"], 200), (["Content-Length: 0012"], 200), (["Transfer-Encoding: chunked"], 200),
        (["Transfer-Encoding: Chunked"], 200), (["Content-Length: 9223372036854775807"], 200),
        (["Content-Length: 9223372036854775808"], 413), (["Content-Length: 99999999999999999999999"], 413),
        (["Content-Length:"], 400), (["Content-Length: -1"], 400), (["Content-Length: +1"], 400),
        (["Content-Length: 1 "], 200), (["Content-Length: 1 1"], 400), (["Content-Length: 1,1"], 400),
        (["Content-Length: 0x1"], 400), (["Content-Length: 1", "Content-Length: 1"], 400),
        (["Content-Length: 1", "content-length: 2"], 400), (["Content-Length: 1", "Transfer-Encoding: chunked"], 400),
        (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], 400), (["Transfer-Encoding: gzip"], 501),
        (["Transfer-Encoding: gzip, chunked"], 501), (["Transfer-Encoding: chunked, identity"], 501),
        (["Transfer-Encoding: xchunked"], 501), (["Transfer-Encoding:"], 501),
    ]

    @Test(arguments: bodies)
    func bodyLengthIsUnambiguous(_ lines: [String], _ status: Int) {
        let text = (["POST / HTTP/1.1", "Host: x"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
        expect(Array(text.utf8), status)
    }

    @Test func chunksNeedHTTP11() {
        expect(request("POST / HTTP/1.0", "Transfer-Encoding: chunked"), 400)
    }

    @Test func furtherInputIsIgnoredAfterAnError() throws {
        var parser = HTTPRequestParser()
        var position = 0
        #expect(throws: HTTPError.self) { try receive(request("bad"), &parser, &position) }
        position = 0
        #expect(try receive(Self.browser, &parser, &position) == nil)
        #expect(position == Self.browser.count && !parser.isMidHead)
    }

    /// Random damage: never a trap, and the same outcome however the bytes are cut.
    @Test(arguments: 0..<20)
    func damagedHeads(_ seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        let limits = HTTPRequestParser.Limits(maximumHeadBytes: 300, maximumLineBytes: 60, maximumHeaders: 9)
        for _ in 0..<200 {
            var bytes = Self.browser
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: [0x0D, 0x0A, 0x20, 0x3A].shuffled(using: &generator), at: index)
                }
            }
            for limits in [.init(), limits] {
                let whole = parseHead(chunks: [bytes], limits: limits)
                let cuts = generator.cuts(in: bytes.count)
                #expect(parseHead(chunks: chunks(bytes, cuts: cuts), limits: limits) == whole)
            }
        }
    }

    private func expect(_ bytes: [UInt8], _ status: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        let whole = parseHead(chunks: [bytes])
        switch whole {
        case .head: #expect(status == 200, sourceLocation: sourceLocation)
        case .error(let error): #expect(error.status == status, sourceLocation: sourceLocation)
        case .incomplete: Issue.record("incomplete", sourceLocation: sourceLocation)
        }
        let single = chunks(bytes, cuts: Array(0...bytes.count))
        #expect(parseHead(chunks: single) == whole, sourceLocation: sourceLocation)
    }
}
