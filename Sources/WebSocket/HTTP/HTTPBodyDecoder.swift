/// An incremental, strict decoder of one request's body (RFC 9112 §6 and §7.1): bytes in, ranges of content out.
///
/// Content lies in the input and is handed out as ranges of it; nothing is kept but counters. Every line of the chunked
/// coding must end in CRLF, and a chunk's size has nothing but an optional extension behind it: whatever two parsers could
/// read differently is refused, so that no second request can hide in a body.
public struct HTTPBodyDecoder: Sendable {
    /// What a peer may make this decoder take.
    public struct Limits: Sendable, Equatable {
        /// The most content in bytes. Beyond: 413. Default: 64 KiB.
        public var maximumBodyBytes: Int
        /// The most bytes of all chunk extensions together; they are ignored (RFC 9112 §7.1.1). Beyond: 400.
        /// Default: 1 KiB.
        public var maximumExtensionBytes: Int
        /// The most bytes of the trailer section, line ends included; it is checked and discarded. Beyond: 431.
        /// Default: 4 KiB.
        public var maximumTrailerBytes: Int

        /// Creates limits; the defaults are those of the properties.
        public init(
            maximumBodyBytes: Int = 64 * 1024,
            maximumExtensionBytes: Int = 1024,
            maximumTrailerBytes: Int = 4096
        ) {
            self.maximumBodyBytes = maximumBodyBytes
            self.maximumExtensionBytes = maximumExtensionBytes
            self.maximumTrailerBytes = maximumTrailerBytes
        }
    }

    /// What the decoder found.
    public enum Event: Sendable, Equatable {
        /// Content, as offsets into the input.
        case content(Range<Int>)
        /// The body is complete; what follows belongs to the next request.
        case end
    }

    /// Where in the chunked coding the next byte belongs.
    private enum State: Sendable {
        /// Content of known length: the whole body's, or a chunk's.
        case content
        case size(digits: Int)
        case extensions
        case sizeEnd
        case contentCR, contentLF
        case trailerStart, trailerName, trailerValue, trailerEnd, lastLF
        case finished, failed
    }

    private let limits: Limits
    private let isChunked: Bool
    private var state: State
    /// Content bytes still to come in this chunk, or in the whole body.
    private var remaining: Int
    private var total = 0
    private var extensionBytes = 0
    private var trailerBytes = 0

    /// Creates a decoder for the body that a head announces.
    ///
    /// - Throws: 413 if the announced length exceeds the limit.
    public init(_ head: HTTPRequestHead, limits: Limits = .init()) throws(HTTPError) {
        try self.init(isChunked: head.isChunked, contentLength: head.contentLength, limits: limits)
    }

    init(isChunked: Bool, contentLength: Int?, limits: Limits) throws(HTTPError) {
        self.limits = limits
        self.isChunked = isChunked
        remaining = isChunked ? 0 : contentLength ?? 0
        state = isChunked ? .size(digits: 0) : .content
        guard remaining <= limits.maximumBodyBytes else { throw HTTPError(status: 413) }
    }

    /// Takes bytes up to the end of the body.
    ///
    /// - Parameters:
    ///   - input: received bytes.
    ///   - position: where to go on; stops right behind the body, or at the input's end.
    /// - Returns: the next event, or nil when all of the input is consumed and more is needed. After ``Event/end`` there
    ///   is none, and nothing more is consumed.
    /// - Throws: the response to send; further input is ignored.
    public mutating func next(_ input: RawSpan, at position: inout Int) throws(HTTPError) -> Event? {
        precondition(position >= 0 && position <= input.byteCount, "position outside the input")
        return try unsafe input.withUnsafeBytes { (buffer) throws(HTTPError) -> Event? in
            do throws(HTTPError) {
                return try unsafe next(buffer, at: &position)
            } catch {
                state = .failed
                throw error
            }
        }
    }

    private mutating func next(
        _ input: UnsafeRawBufferPointer,
        at position: inout Int
    ) throws(HTTPError) -> Event? {
        while true {
            switch state {
            case .content:
                if remaining > 0 {
                    guard position < input.count else { return nil }
                    let count = min(remaining, input.count - position)
                    remaining -= count
                    defer { position += count }
                    return .content(position..<(position + count))
                }
                guard isChunked else {
                    state = .finished
                    return .end
                }
                state = .contentCR
            case .finished: return nil
            case .failed:
                position = input.count
                return nil
            default:
                guard position < input.count else { return nil }
                try take(unsafe input[position])
                position += 1
                if case .finished = state { return .end }
            }
        }
    }

    /// One byte of the chunked coding that is not content.
    private mutating func take(_ byte: UInt8) throws(HTTPError) {
        switch state {
        case .size(let digits): try takeSize(byte, digits)
        case .extensions:
            if byte == 0x0D {
                state = .sizeEnd
            } else {
                extensionBytes += 1
                guard HTTPCharacters.isFieldValue(byte), extensionBytes <= limits.maximumExtensionBytes else {
                    throw .badRequest("Invalid chunk extension")
                }
            }
        case .sizeEnd:
            try expect(byte, 0x0A, "Invalid chunk size")
            state = remaining == 0 ? .trailerStart : .content
        case .contentCR:
            try expect(byte, 0x0D, "Invalid chunk end")
            state = .contentLF
        case .contentLF:
            try expect(byte, 0x0A, "Invalid chunk end")
            state = .size(digits: 0)
        default: try takeTrailer(byte)
        }
    }

    /// `chunk-size [ chunk-ext ] CRLF`: hexadecimal digits, then `;` or the line's end, without white space before either.
    private mutating func takeSize(_ byte: UInt8, _ digits: Int) throws(HTTPError) {
        if let digit = Self.hexadecimal(byte) {
            // Sixteen digits are 64 bits; leading zeros beyond that are no use to anybody honest.
            guard digits < 16 else { throw .badRequest("Invalid chunk size") }
            guard remaining >> 59 == 0 else { throw HTTPError(status: 413) }
            remaining = remaining << 4 | digit
            state = .size(digits: digits + 1)
            return
        }
        guard digits > 0, byte == 0x0D || byte == UInt8(ascii: ";") else { throw .badRequest("Invalid chunk size") }
        guard remaining <= limits.maximumBodyBytes - total else { throw HTTPError(status: 413) }
        total += remaining
        state = byte == 0x0D ? .sizeEnd : .extensions
    }

    /// `*( field-line CRLF ) CRLF` (RFC 9112 §7.1.2), checked like the fields of a head.
    private mutating func takeTrailer(_ byte: UInt8) throws(HTTPError) {
        trailerBytes += 1
        switch state {
        case .trailerStart where byte == 0x0D:
            state = .lastLF
            return
        case .trailerStart, .trailerName:
            if byte == UInt8(ascii: ":"), case .trailerName = state {
                state = .trailerValue
            } else {
                guard HTTPCharacters.isToken(byte) else { throw .badRequest("Invalid trailer") }
                state = .trailerName
            }
        case .trailerValue:
            if byte == 0x0D {
                state = .trailerEnd
            } else {
                guard HTTPCharacters.isFieldValue(byte) else { throw .badRequest("Invalid trailer") }
            }
        case .trailerEnd:
            try expect(byte, 0x0A, "Invalid trailer")
            state = .trailerStart
        default:
            try expect(byte, 0x0A, "Invalid trailer")
            state = .finished
            return
        }
        guard trailerBytes <= limits.maximumTrailerBytes else { throw HTTPError(status: 431) }
    }

    private func expect(_ byte: UInt8, _ expected: UInt8, _ message: String) throws(HTTPError) {
        guard byte == expected else { throw .badRequest(message) }
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte & 0xF)
        case 0x41...0x46, 0x61...0x66: Int(byte & 0xF) + 9
        default: nil
        }
    }
}
