@testable import WebSocket

/// What comes of bytes that arrive in chunks, for machines that end with a value or an error.
enum Outcome<Value: Equatable, Failure: Equatable>: Equatable {
    case value(Value, consumed: Int)
    case error(Failure)
    case incomplete
}

/// Feeds chunks until `step` gives a value or throws.
func feed<Value: Equatable, Failure: Error & Equatable>(
    _ chunks: [[UInt8]],
    _ step: (RawSpan, inout Int) throws(Failure) -> Value?
) -> Outcome<Value, Failure> {
    var consumed = 0
    for chunk in chunks {
        var position = 0
        do throws(Failure) {
            let value = try unsafe step(chunk.span.bytes, &position)
            consumed += position
            if let value { return .value(value, consumed: consumed) }
            precondition(position == chunk.count, "bytes left over")
        } catch {
            return .error(error)
        }
    }
    return .incomplete
}

/// One chunk, one byte at a time, and some random ways to cut.
func waysToCut(_ bytes: [UInt8], seed: UInt64 = 1) -> [[[UInt8]]] {
    var generator = SeededGenerator(state: seed)
    return [[bytes], bytes.map { [$0] }] + (0..<4).map { _ in chunks(bytes, cuts: generator.cuts(in: bytes.count)) }
}

/// A head of lines; CRLF is added to each, and a blank line at the end.
func response(_ lines: String...) -> [UInt8] { request(lines) }
