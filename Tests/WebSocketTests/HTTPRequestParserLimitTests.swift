import Testing

@testable import WebSocket

@Suite struct HTTPRequestParserLimitTests {
    @Test func defaults() {
        let limits = HTTPRequestParser.Limits()
        #expect(limits == .init(maximumHeadBytes: 16384, maximumLineBytes: 8192, maximumHeaders: 128))
    }

    @Test func requestLineIsInclusive() {
        let limits = HTTPRequestParser.Limits(maximumLineBytes: 100)
        // "GET ", " HTTP/1.1" and CRLF are 15 bytes.
        let fitting = request("GET /" + String(repeating: "a", count: 84) + " HTTP/1.1", "Host: x")
        #expect(status(fitting, limits) == 200)
        let long = request("GET /" + String(repeating: "a", count: 85) + " HTTP/1.1", "Host: x")
        #expect(status(long, limits) == 414)
    }

    @Test func headerLineIsInclusive() {
        let limits = HTTPRequestParser.Limits(maximumLineBytes: 100)
        let fitting = request("GET / HTTP/1.1", "Host: x", "A: " + String(repeating: "a", count: 95))
        #expect(status(fitting, limits) == 200)
        let long = request("GET / HTTP/1.1", "Host: x", "A: " + String(repeating: "a", count: 96))
        #expect(status(long, limits) == 431)
    }

    @Test func headIsInclusive() {
        let bytes = request("GET / HTTP/1.1", "Host: x", "A: b")
        #expect(status(bytes, .init(maximumHeadBytes: bytes.count)) == 200)
        #expect(status(bytes, .init(maximumHeadBytes: bytes.count - 1)) == 431)
        // The line is within its own limit, but not within the head's.
        #expect(status(bytes, .init(maximumHeadBytes: 10)) == 431)
    }

    @Test func headerCountIsInclusive() {
        let bytes = request("GET / HTTP/1.1", "Host: x", "A: b", "C: d")
        #expect(status(bytes, .init(maximumHeaders: 3)) == 200)
        #expect(status(bytes, .init(maximumHeaders: 2)) == 431)
    }

    @Test func lineWithoutEndIsRefusedAtTheLimit() {
        let endless = Array("GET /".utf8) + [UInt8](repeating: 0x61, count: 8192)
        #expect(parseHead(chunks: [Array(endless[..<8192])]) == .incomplete)
        #expect(status(Array(endless[..<8193]), .init()) == 414)
        let header = Array("GET / HTTP/1.1\r\nA: ".utf8) + [UInt8](repeating: 0x61, count: 8192)
        #expect(status(header, .init()) == 431)
    }

    /// A mebibyte of headers is refused at 16 KiB, and no more than that is kept.
    @Test(arguments: [1, 7, 4096, 1 << 20])
    func mebibyteOfHeaders(_ chunkSize: Int) {
        let line = Array("X-Header: \(String(repeating: "v", count: 500))\r\n".utf8)
        var bytes = Array("GET / HTTP/1.1\r\nHost: x\r\n".utf8)
        while bytes.count < 1 << 20 { bytes += line }
        var parser = HTTPRequestParser()
        var consumed = 0
        var refused: HTTPError?
        while consumed < bytes.count && refused == nil {
            let chunk = Array(bytes[consumed..<min(consumed + chunkSize, bytes.count)])
            var position = 0
            do throws(HTTPError) {
                #expect(try receive(chunk, &parser, &position) == nil)
            } catch {
                refused = error
            }
            consumed += position
        }
        #expect(refused?.status == 431)
        #expect(consumed <= 16384)
    }

    /// Each byte is looked at once. A parser that looked at the whole line again for each byte would take minutes.
    @Test(.timeLimit(.minutes(1)))
    func oneByteAtATimeIsLinear() throws {
        let size = 1 << 18
        var parser = HTTPRequestParser(limits: .init(maximumHeadBytes: size, maximumLineBytes: size))
        let start = Array("GET / HTTP/1.1\r\nHost: x\r\nA: ".utf8)
        var position = 0
        #expect(try receive(start, &parser, &position) == nil)
        let byte: [UInt8] = [0x61]
        for _ in 0..<(size - start.count - 4) {
            position = 0
            _ = try receive(byte, &parser, &position)
        }
        position = 0
        #expect(try receive(Array("\r\n\r\n".utf8), &parser, &position)?.bytes.count == size)
    }

    @Test func senselessLimitsAreClamped() {
        #expect(status(Array("G".utf8), .init(maximumHeadBytes: -1, maximumLineBytes: -1)) == 414)
        let bytes = request("GET / HTTP/1.1", "Host: x")
        #expect(status(bytes, .init(maximumHeadBytes: .max, maximumLineBytes: .max, maximumHeaders: .max)) == 200)
    }

    private func status(_ bytes: [UInt8], _ limits: HTTPRequestParser.Limits) -> Int {
        let whole = parseHead(chunks: [bytes], limits: limits)
        #expect(parseHead(chunks: chunks(bytes, cuts: Array(0...bytes.count)), limits: limits) == whole)
        return switch whole {
        case .head: 200
        case .error(let error): error.status
        case .incomplete: 0
        }
    }
}
