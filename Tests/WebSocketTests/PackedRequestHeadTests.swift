import Testing

@testable import WebSocket

@Suite struct PackedRequestHeadTests {
    private static let upgrade = [
        "GET /socketcluster/ HTTP/1.1", "Host: 127.0.0.1:8000", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
    ]
    private static let browser =
        upgrade + [
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0",
            "Origin: http://localhost:8000", "Cache-Control: no-cache", "Pragma: no-cache", "Cookie: a=b; c=d",
            "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-GB,en;q=0.9",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        ]

    @Test(arguments: [
        upgrade, browser, ["GET / HTTP/1.0"],
        ["GET /socketcluster/ HTTP/1.1", "Host: Host: ", "X: Upgrade: websocket"],
        ["GET /socketcluster/ HTTP/1.1x", "Host: x"].map { $0.replacing("1.1x", with: "1.0") },
        ["POST /socketcluster/?a=b HTTP/1.1", "host: x", "upgrade: websocket", "Content-Length: 5", "Host : x"]
            .dropLast(),
        ["GET / HTTP/1.1", "Host: x", "X-A: \u{e9}\t\u{1F600}", "X-B:", "Cookie:", "Sec-WebSocket-Key:"],
        ["GET / HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "Connection: Upgrade "],
    ])
    func nothingIsLost(_ lines: [String]) throws {
        let head = try #require(try head(request(lines)))
        let again = PackedRequestHead(head).head
        #expect(again.bytes == head.bytes)
        #expect(again.fields.map(\.name) == head.fields.map(\.name))
        #expect(again.fields.map(\.value) == head.fields.map(\.value))
        #expect(again.method == head.method && again.target == head.target && again.version == head.version)
        #expect(again.contentLength == head.contentLength && again.isChunked == head.isChunked)
    }

    @Test func aClientsHeadIsSmall() throws {
        let plain = try #require(try head(request(Self.upgrade)))
        #expect(PackedRequestHead(plain).byteCount < plain.bytes.count / 2)
        let browser = try #require(try head(request(Self.browser)))
        #expect(PackedRequestHead(browser).byteCount < browser.bytes.count / 2)
    }

    /// A head larger than the default limits of a parser was accepted under others.
    @Test func largeHeads() throws {
        let lines = ["GET / HTTP/1.1", "Host: x"] + (0..<500).map { "X-\($0): " + String(repeating: "y", count: 100) }
        var parser = HTTPRequestParser(
            limits: .init(maximumHeadBytes: 1 << 20, maximumLineBytes: 1 << 20, maximumHeaders: 1000)
        )
        var position = 0
        let head = try #require(try unsafe parser.receive(request(lines).span.bytes, at: &position))
        #expect(PackedRequestHead(head).head.bytes == head.bytes)
    }

    /// The codes are controls, and no phrase hides a longer one behind it.
    @Test func phrases() {
        let phrases = PackedRequestHead.phrases
        #expect(phrases.count <= 28)
        for (index, phrase) in phrases.enumerated() {
            #expect(!phrase.isEmpty)
            for later in phrases[(index + 1)...] { #expect(!later.starts(with: phrase)) }
        }
    }
}
