@testable import WebSocket

/// An event together with its payload, or the error that ended the parser.
enum Observed: Equatable {
    case message(WebSocketParser.MessageKind, [UInt8], compressed: Bool)
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16?, reason: [UInt8])
    case error(WebSocketError)

    static func text(_ text: String) -> Observed { .message(.text, Array(text.utf8), compressed: false) }
    static func binary(_ bytes: [UInt8]) -> Observed { .message(.binary, bytes, compressed: false) }
}

/// A parser's settings and what it says to bytes cut into chunks.
struct Observer {
    var role = WebSocketParser.Role.server
    var limits = WebSocketParser.Limits()
    var allowsRSV1 = false

    /// Feeds the whole input at once.
    func events(_ bytes: [UInt8]) -> [Observed] {
        events(chunks: [bytes])
    }

    /// Feeds the input cut before each of `cuts`, which ascend.
    func events(_ bytes: [UInt8], cuts: [Int]) -> [Observed] {
        var chunks: [[UInt8]] = []
        var start = 0
        for cut in cuts + [bytes.count] {
            chunks.append(Array(bytes[start..<cut]))
            start = cut
        }
        return events(chunks: chunks)
    }

    func events(chunks: [[UInt8]]) -> [Observed] {
        var parser = WebSocketParser(role: role, limits: limits, allowsRSV1: allowsRSV1)
        var observed: [Observed] = []
        for chunk in chunks {
            if let error = Self.feed(chunk, to: &parser, { observed.append($0) }) {
                observed.append(.error(error))
            }
        }
        return observed
    }

    /// Passes one buffer to the parser until nothing more comes of it.
    static func feed(
        _ chunk: [UInt8],
        to parser: inout WebSocketParser,
        _ body: (Observed) -> Void
    ) -> WebSocketError? {
        var buffer = chunk
        var position = 0
        do throws(WebSocketError) {
            while true {
                var span = buffer.mutableSpan
                var bytes = unsafe span.mutableBytes
                guard let event = try parser.next(&bytes, at: &position) else { break }
                switch event {
                case .message(let kind, let payload, let compressed):
                    body(.message(kind, resolve(payload, buffer, &parser), compressed: compressed))
                case .ping(let payload): body(.ping(resolve(payload, buffer, &parser)))
                case .pong(let payload): body(.pong(resolve(payload, buffer, &parser)))
                case .close(let code, let reason): body(.close(code, reason: resolve(reason, buffer, &parser)))
                }
            }
            precondition(position == buffer.count, "bytes left over")
            return nil
        } catch {
            return error
        }
    }

    private static func resolve(
        _ payload: WebSocketParser.Payload,
        _ buffer: [UInt8],
        _ parser: inout WebSocketParser
    ) -> [UInt8] {
        switch payload {
        case .inPlace(let range): Array(buffer[range])
        case .assembled: parser.takeAssembled()
        }
    }
}

/// A frame as `role`'s peer sends it: masked for a server.
func frame(
    _ opcode: Opcode,
    _ payload: [UInt8] = [],
    fin: Bool = true,
    rsv1: Bool = false,
    to role: WebSocketParser.Role = .server
) -> [UInt8] {
    FrameWriter.frame(opcode, fin: fin, rsv1: rsv1, mask: role == .server ? 0xF5A1_9C37 : nil, payload: payload)
}

/// A text frame.
func frame(_ text: String, fin: Bool = true, to role: WebSocketParser.Role = .server) -> [UInt8] {
    frame(.text, Array(text.utf8), fin: fin, to: role)
}

/// The bytes of a text of hexadecimal digits; spaces are for the reader.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { $0 != " " }
    return stride(from: 0, to: digits.count, by: 2).map { offset in
        let start = digits.index(digits.startIndex, offsetBy: offset)
        return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)!
    }
}

/// A reproducible random source (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Ascending positions inside `count` bytes to cut at; some coincide and make empty chunks.
    mutating func cuts(in count: Int) -> [Int] {
        let pieces = Int.random(in: 1...12, using: &self)
        return (0..<pieces).map { _ in Int.random(in: 0...count, using: &self) }.sorted()
    }
}

let bothRoles: [WebSocketParser.Role] = [.server, .client]
