/// An incremental, strict parser of HTTP/1.x request heads (RFC 9112): bytes in, at most one head out at a time.
///
/// Lines must end in CRLF: a bare LF is refused although RFC 9112 §2.2 permits it, because leniency there lets two
/// parsers disagree about where a request ends. Folded lines, white space before a colon, control characters and an
/// empty line before the request are refused too. A partial head is kept, and each byte is looked at once however the
/// head arrives.
public struct HTTPRequestParser: Sendable {
    /// What a peer may make this parser hold. Beyond: 414 for a request line that is too long, else 431.
    public typealias Limits = HTTPHeadLimits

    let limits: Limits
    var bytes: [UInt8] = []
    var fields: [HTTPFieldRange] = []
    var known = HTTPKnownFields()
    var lineStart = 0
    var methodEnd = 0
    var targetRange = 0..<0
    var version = HTTPRequestHead.Version.http11
    private var hasFailed = false

    /// Creates a parser for the requests of one connection.
    public init(limits: Limits = .init()) {
        self.limits = limits.clamped
    }

    /// Whether part of a head has arrived.
    public var isMidHead: Bool { !bytes.isEmpty }

    /// Takes bytes up to the end of one request head.
    ///
    /// - Parameters:
    ///   - input: received bytes.
    ///   - position: where to go on; stops right behind the blank line, or at the input's end.
    /// - Returns: the head, or nil when all of the input is consumed and more is needed. The parser is then ready for
    ///   the next request, whose head begins behind this one's body.
    /// - Throws: the response to send; further input is ignored.
    public mutating func receive(
        _ input: RawSpan,
        at position: inout Int
    ) throws(HTTPError) -> HTTPRequestHead? {
        precondition(position >= 0 && position <= input.byteCount, "position outside the input")
        return try unsafe input.withUnsafeBytes { (buffer) throws(HTTPError) -> HTTPRequestHead? in
            try unsafe receive(buffer, at: &position)
        }
    }

    private mutating func receive(
        _ input: UnsafeRawBufferPointer,
        at position: inout Int
    ) throws(HTTPError) -> HTTPRequestHead? {
        if hasFailed { position = input.count }
        guard position < input.count else { return nil }
        do throws(HTTPError) {
            // Nearly every head comes whole: then it is read where it lies, and copied once.
            if bytes.isEmpty { return try unsafe receiveFirst(input, at: &position) }
            while position < input.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: input[position...])
                let lineLength = unsafe HTTPLine.length(in: rest)
                let count = lineLength ?? rest.count
                try checkRoom(for: count, behind: bytes.count)
                unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<count]))
                position += count
                guard lineLength != nil else { return nil }
                // Taken out while they are read, lest they be copied.
                var head: [UInt8] = []
                swap(&head, &bytes)
                let isWhole = try unsafe head.withUnsafeBufferPointer { (head) throws(HTTPError) in
                    try unsafe finishLine(UnsafeRawBufferPointer(head))
                }
                if isWhole { return try finishHead(head) }
                swap(&head, &bytes)
            }
            return nil
        } catch {
            hasFailed = true
            reset()
            throw error
        }
    }

    /// The beginning of a head, and with luck all of it.
    private mutating func receiveFirst(
        _ input: UnsafeRawBufferPointer,
        at position: inout Int
    ) throws(HTTPError) -> HTTPRequestHead? {
        let head = unsafe UnsafeRawBufferPointer(rebasing: input[position...])
        // Something other than HTTP, a TLS hello for one, is answered at its first byte.
        guard HTTPCharacters.isToken(unsafe head[0]) else { throw .badRequest("Invalid request line") }
        let start = position
        var end = 0
        while end < head.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: head[end...])
            let lineLength = unsafe HTTPLine.length(in: rest)
            try checkRoom(for: lineLength ?? rest.count, behind: end)
            end += lineLength ?? rest.count
            position = start + end
            guard lineLength != nil else { break }
            if try unsafe finishLine(UnsafeRawBufferPointer(rebasing: head[..<end])) {
                return try finishHead(unsafe Array(head[..<end]))
            }
        }
        bytes.reserveCapacity(min(end, limits.maximumHeadBytes) + 256)
        unsafe bytes.append(contentsOf: head[..<end])
        return nil
    }

    /// Refuses at the first byte that exceeds a limit, whichever limit that byte exceeds first.
    private func checkRoom(for count: Int, behind length: Int) throws(HTTPError) {
        let lineLimit = lineStart + limits.maximumLineBytes
        guard length + count > min(lineLimit, limits.maximumHeadBytes) else { return }
        if lineStart == 0 && lineLimit <= limits.maximumHeadBytes { throw HTTPError(status: 414) }
        throw HTTPError(status: 431)
    }

    /// Checks the line that the head now ends with.
    ///
    /// - Returns: whether it is the blank line that ends the head.
    private mutating func finishLine(_ head: UnsafeRawBufferPointer) throws(HTTPError) -> Bool {
        let end = head.count - 2
        guard end >= lineStart, unsafe head[end] == 0x0D else {
            throw .badRequest(lineStart == 0 ? "Invalid request line" : "Invalid header line")
        }
        let line = lineStart..<end
        defer { lineStart = head.count }
        if line.lowerBound == 0 {
            try unsafe parseRequestLine(head, end: end)
        } else if line.isEmpty {
            return true
        } else {
            try unsafe parseField(line, in: head)
        }
        return false
    }

    /// Makes the head and gets ready for the next one.
    private mutating func finishHead(_ bytes: [UInt8]) throws(HTTPError) -> HTTPRequestHead {
        defer { reset() }
        var head = HTTPRequestHead(
            bytes: bytes,
            fields: fields,
            known: known,
            methodEnd: methodEnd,
            targetRange: targetRange,
            version: version,
            contentLength: nil,
            isChunked: false
        )
        try head.checkHost()
        try head.readBodyLength()
        return head
    }

    private mutating func reset() {
        bytes = []
        fields = []
        known = HTTPKnownFields()
        lineStart = 0
    }
}
