/// An incremental, strict parser of HTTP/1.x response heads (RFC 9112 §4): bytes in, at most one head out at a time.
///
/// As strict as ``HTTPRequestParser``: lines end in CRLF, and folded lines, white space before a colon and control characters
/// are refused. A partial head is kept, and each byte is looked at once however the head arrives. Bodies are not its concern:
/// a client that opens a WebSocket or a tunnel reads none.
public struct HTTPResponseParser: Sendable {
    /// What a peer may make this parser hold.
    public typealias Limits = HTTPHeadLimits

    private let limits: Limits
    private var bytes: [UInt8] = []
    private var fields: [HTTPFieldRange] = []
    private var lineStart = 0
    private var version = HTTPRequestHead.Version.http11
    private var status = 0
    private var reasonRange = 0..<0
    private var hasFailed = false

    /// Creates a parser for the responses of one connection.
    public init(limits: Limits = .init()) {
        self.limits = limits.clamped
    }

    /// Whether part of a head has arrived.
    public var isMidHead: Bool { !bytes.isEmpty }

    /// Takes bytes up to the end of one response head.
    ///
    /// - Parameters:
    ///   - input: received bytes.
    ///   - position: where to go on; stops right behind the blank line, or at the input's end.
    /// - Returns: the head, or nil when all of the input is consumed and more is needed. The parser is then ready for the
    ///   next response.
    /// - Throws: what is wrong; further input is ignored.
    public mutating func receive(
        _ input: RawSpan,
        at position: inout Int
    ) throws(HTTPResponseError) -> HTTPResponseHead? {
        precondition(position >= 0 && position <= input.byteCount, "position outside the input")
        return try unsafe input.withUnsafeBytes { (buffer) throws(HTTPResponseError) -> HTTPResponseHead? in
            try unsafe receive(buffer, at: &position)
        }
    }

    private mutating func receive(
        _ input: UnsafeRawBufferPointer,
        at position: inout Int
    ) throws(HTTPResponseError) -> HTTPResponseHead? {
        if hasFailed { position = input.count }
        while position < input.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: input[position...])
            let lineLength = unsafe HTTPLine.length(in: rest)
            let count = lineLength ?? rest.count
            do throws(HTTPResponseError) {
                // Something other than HTTP, a TLS alert for one, is seen at its first byte.
                guard unsafe !bytes.isEmpty || rest[0] == UInt8(ascii: "H") else { throw .invalidStatusLine }
                let room = min(lineStart + limits.maximumLineBytes, limits.maximumHeadBytes)
                guard bytes.count + count <= room else { throw .headTooLarge }
                unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<count]))
                position += count
                guard lineLength != nil else { return nil }
                if try finishLine() { return finishHead() }
            } catch {
                hasFailed = true
                reset()
                throw error
            }
        }
        return nil
    }

    /// Checks the line that the buffer now ends with.
    ///
    /// - Returns: whether it is the blank line that ends the head.
    private mutating func finishLine() throws(HTTPResponseError) -> Bool {
        let end = bytes.count - 2
        guard end >= lineStart && bytes[end] == 0x0D else {
            throw lineStart == 0 ? .invalidStatusLine : .invalidHeader
        }
        let line = lineStart..<end
        defer { lineStart = bytes.count }
        if line.lowerBound == 0 {
            try parseStatusLine(end: end)
        } else if line.isEmpty {
            return true
        } else {
            guard fields.count < limits.maximumHeaders else { throw .tooManyHeaders }
            let field = unsafe bytes.withUnsafeBytes { bytes -> HTTPFieldRange? in
                guard let field = unsafe HTTPFieldRange(line: line, in: bytes) else { return nil }
                return unsafe field.isValid(in: bytes) ? field : nil
            }
            guard let field else { throw .invalidHeader }
            fields.append(field)
        }
        return false
    }

    /// Checks `HTTP/d.d SP status [SP reason]` (RFC 9112 §4), which begins the buffer and ends at `end`. Some servers leave out
    /// the space before a reason that they do not give.
    private mutating func parseStatusLine(end: Int) throws(HTTPResponseError) {
        let prefix = StaticString("HTTP/")
        guard end >= 12,
            prefix.withUTF8Buffer({ unsafe bytes[0..<5].elementsEqual($0) }),
            HTTPCharacters.isDigit(bytes[5]), bytes[6] == UInt8(ascii: "."), HTTPCharacters.isDigit(bytes[7]),
            bytes[8] == 0x20, bytes[9..<12].allSatisfy(HTTPCharacters.isDigit), end == 12 || bytes[12] == 0x20
        else { throw .invalidStatusLine }
        version = .init(major: bytes[5] & 0xF, minor: bytes[7] & 0xF)
        guard version.major == 1 else { throw .unsupportedVersion }
        status = bytes[9..<12].reduce(0) { $0 * 10 + Int($1 & 0xF) }
        guard status >= 100 && status < 600 else { throw .invalidStatusLine }
        reasonRange = min(13, end)..<end
        guard bytes[reasonRange].allSatisfy(HTTPCharacters.isFieldValue) else { throw .invalidStatusLine }
    }

    /// Makes the head and gets ready for the next one.
    private mutating func finishHead() -> HTTPResponseHead {
        defer { reset() }
        return HTTPResponseHead(
            bytes: bytes,
            fields: fields,
            reasonRange: reasonRange,
            version: version,
            status: status
        )
    }

    private mutating func reset() {
        bytes = []
        fields = []
        lineStart = 0
    }
}
