@testable import WebSocket

/// What a parser makes of a head: its parts, an error, or nothing yet.
enum HeadOutcome: Equatable {
    case head([UInt8], headers: [HTTPHeaderField], consumed: Int)
    case error(HTTPError)
    case incomplete
}

/// A request head of lines; CRLF is added to each, and a blank line at the end.
func request(_ lines: String...) -> [UInt8] { request(lines) }

func request(_ lines: [String]) -> [UInt8] {
    lines.flatMap { Array($0.utf8) + [0x0D, 0x0A] } + [0x0D, 0x0A]
}

/// Feeds chunks until one of them ends the head.
func parseHead(chunks: [[UInt8]], limits: HTTPRequestParser.Limits = .init()) -> HeadOutcome {
    var parser = HTTPRequestParser(limits: limits)
    var consumed = 0
    for chunk in chunks {
        var position = 0
        do throws(HTTPError) {
            let head = try receive(chunk, &parser, &position)
            consumed += position
            if let head { return .head(head.bytes, headers: head.headers, consumed: consumed) }
            precondition(position == chunk.count, "bytes left over without a head")
        } catch {
            return .error(error)
        }
    }
    return .incomplete
}

/// `receive` on an array.
func receive(
    _ bytes: [UInt8],
    _ parser: inout HTTPRequestParser,
    _ position: inout Int
) throws(HTTPError) -> HTTPRequestHead? {
    try unsafe parser.receive(bytes.span.bytes, at: &position)
}

/// The head of one whole request.
func head(_ bytes: [UInt8], limits: HTTPRequestParser.Limits = .init()) throws(HTTPError) -> HTTPRequestHead? {
    var parser = HTTPRequestParser(limits: limits)
    var position = 0
    return try receive(bytes, &parser, &position)
}

/// The chunks that `cuts` make of `bytes`.
func chunks(_ bytes: [UInt8], cuts: [Int]) -> [[UInt8]] {
    var start = 0
    return (cuts + [bytes.count]).map { cut in
        defer { start = cut }
        return Array(bytes[start..<cut])
    }
}
