import Testing

@testable import WebSocket

@Suite struct HTTPResponseParserTests {
    private typealias Result = Outcome<String, HTTPResponseError>

    /// The head as text: version, status, reason and fields.
    private func parse(_ chunks: [[UInt8]], _ limits: HTTPResponseParser.Limits = .init()) -> Result {
        var parser = HTTPResponseParser(limits: limits)
        return feed(chunks) { (input, position) throws(HTTPResponseError) in
            guard let head = try parser.receive(input, at: &position) else { return nil }
            let fields = head.headers.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
            return "1.\(head.version.minor) \(head.status) <\(head.reason)> \(fields)"
        }
    }

    private func expect(
        _ bytes: [UInt8],
        _ expected: Result,
        limits: HTTPResponseParser.Limits = .init(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for chunks in waysToCut(bytes) { #expect(parse(chunks, limits) == expected, sourceLocation: sourceLocation) }
    }

    static let statusLines: [(String, String)] = [
        ("HTTP/1.1 101 Switching Protocols", "1.1 101 <Switching Protocols>"), ("HTTP/1.0 200 OK", "1.0 200 <OK>"),
        ("HTTP/1.1 200 ", "1.1 200 <>"), ("HTTP/1.1 200", "1.1 200 <>"), ("HTTP/1.9 599 a  b", "1.9 599 <a  b>"),
        ("HTTP/1.1 404 \u{E9}", "1.1 404 <\u{E9}>"), ("HTTP/1.1 100 a\tb", "1.1 100 <a\tb>"),
    ]

    @Test(arguments: statusLines)
    func statusLine(_ line: String, _ expected: String) {
        let bytes = response(line, "A: b", "c:\t d ")
        expect(bytes + Array("rest".utf8), .value(expected + " A=b|c=d", consumed: bytes.count))
    }

    @Test(arguments: [
        "http/1.1 200 OK", "HTTP/1.1  200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 099 OK",
        "HTTP/1.1 600 OK", "HTTP/1.1\t200 OK", "HTTP/11 200 OK", "HTTP/1.1 200OK", "HTTP/1.1 2x0 OK", "HTTP/1.1",
        "HTTP/1.1 200 \u{1B}[31m", "HTTP/1.1 200 a\rb", "HTTP/a.1 200 OK", "ICY 200 OK", " HTTP/1.1 200 OK", "",
        "HELLO", "\u{15}\u{3}\u{1}",
    ])
    func badStatusLine(_ line: String) {
        expect(response(line), .error(.invalidStatusLine))
    }

    @Test(arguments: ["HTTP/2.0 200 OK", "HTTP/0.9 200 OK"])
    func version(_ line: String) {
        expect(response(line), .error(.unsupportedVersion))
    }

    @Test(arguments: ["A : b", " A: b", "\tA: b", ": b", "A", "A: a\0b", "A: a\rb", "A: \u{7F}", "A\u{E9}: b"])
    func badHeader(_ line: String) {
        expect(response("HTTP/1.1 200 OK", line), .error(.invalidHeader))
        expect(response("HTTP/1.1 200 OK", "X: y", line), .error(.invalidHeader))
    }

    @Test func lineEndsAreStrict() {
        expect(Array("HTTP/1.1 200 OK\nA: b\n\n".utf8), .error(.invalidStatusLine))
        expect(Array("HTTP/1.1 200 OK\r\nA: b\n\r\n".utf8), .error(.invalidHeader))
        expect(Array("HTTP/1.1 200 OK\r\n\n".utf8), .error(.invalidHeader))
    }

    @Test func limits() {
        let line = "HTTP/1.1 200 OK"
        let limits = HTTPResponseParser.Limits(maximumHeadBytes: 60, maximumLineBytes: 30, maximumHeaders: 2)
        let longest = "A: " + String(repeating: "b", count: 25)
        #expect(longest.utf8.count + 2 == 30)
        expect(response(line, longest), .value("1.1 200 <OK> A=\(longest.dropFirst(3))", consumed: 49), limits: limits)
        expect(response(line, longest + "b"), .error(.headTooLarge), limits: limits)
        expect(response(line, longest, "C: 1234567"), .error(.headTooLarge), limits: limits)
        expect(response(line, "A:", "B:", "C:"), .error(.tooManyHeaders), limits: limits)
        expect(Array(String(repeating: "H", count: 31).utf8), .error(.headTooLarge), limits: limits)
        // Without a line end nothing is gathered beyond the limit.
        expect(
            Array((line + "\r\nA: " + String(repeating: "b", count: 5000)).utf8),
            .error(.headTooLarge),
            limits: limits
        )
    }

    @Test func partialHead() {
        var parser = HTTPResponseParser()
        for text in ["H", "TTP/1.1 200 OK\r", "\nA: b\r\n"] {
            var position = 0
            let head = try? unsafe parser.receive(Array(text.utf8).span.bytes, at: &position)
            #expect(head == nil && parser.isMidHead)
        }
        #expect(parse([Array("HTTP/1.1 200 OK\r\nA: b\r\n".utf8)]) == .incomplete)
    }

    @Test func furtherInputIsIgnoredAfterAnError() throws {
        var parser = HTTPResponseParser()
        var position = 0
        #expect(throws: HTTPResponseError.self) { try unsafe parser.receive([0x20].span.bytes, at: &position) }
        let good = response("HTTP/1.1 200 OK")
        position = 0
        #expect(try unsafe parser.receive(good.span.bytes, at: &position) == nil)
        #expect(position == good.count)
    }

    @Test func oneHeadAfterTheOther() throws {
        let first = response("HTTP/1.1 100 Continue")
        let both = first + response("HTTP/1.1 200 OK", "a: 1", "A: 2")
        var parser = HTTPResponseParser()
        var position = 0
        #expect(try unsafe parser.receive(both.span.bytes, at: &position)?.status == 100)
        #expect(position == first.count)
        let head = try #require(try unsafe parser.receive(both.span.bytes, at: &position))
        #expect(head.all("A") == ["1", "2"] && head.count(of: "a") == 2 && head.header("b") == nil)
        #expect(head.description == "200 OK")
    }

    /// Random damage: never a trap, and the same outcome however the bytes are cut.
    @Test(arguments: 0..<20)
    func damage(_ seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        let limits = HTTPResponseParser.Limits(maximumHeadBytes: 150, maximumLineBytes: 60, maximumHeaders: 4)
        for _ in 0..<100 {
            var bytes = response(
                "HTTP/1.1 101 Switching Protocols",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "A: b"
            )
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: [0x0D, 0x0A, 0x20, 0x3A].shuffled(using: &generator), at: index)
                }
            }
            for limits in [.init(), limits] {
                let ways = waysToCut(bytes, seed: generator.next())
                let whole = parse(ways[0], limits)
                for chunks in ways.dropFirst() { #expect(parse(chunks, limits) == whole) }
            }
        }
    }
}
