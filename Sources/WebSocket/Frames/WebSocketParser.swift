/// An incremental parser of WebSocket frames (RFC 6455 §5) for either end of a connection: bytes in, events out.
///
/// It unmasks in place and reports a frame that lies whole in the input as a range of it, without copying or
/// allocating. A message that is fragmented, or cut by the end of the input, is gathered in a buffer that grows with
/// what arrives, never with what a header announces. Any split of the same bytes gives the same events. After a close
/// event, or a thrown error, further input is ignored.
///
/// A value is 72 bytes and owns heap memory only while a message is being gathered.
public struct WebSocketParser: Sendable {
    /// The end of the connection that this parser serves.
    public enum Role: Sendable {
        /// Reads a client's frames, which must be masked.
        case server
        /// Reads a server's frames, which must not be masked.
        case client
    }

    /// What a peer may make this parser hold.
    public struct Limits: Sendable, Equatable {
        /// The largest message in bytes, over all its fragments, before decompression. Default: 100 MiB (contract §1).
        public var maximumMessageSize: Int
        /// The most fragments of one message, empty ones included. Default: 131,072.
        public var maximumFragments: Int

        /// Creates limits; the defaults are those of the properties.
        public init(maximumMessageSize: Int = 100 * 1024 * 1024, maximumFragments: Int = 131_072) {
            self.maximumMessageSize = maximumMessageSize
            self.maximumFragments = maximumFragments
        }
    }

    /// What a data message carries.
    public enum MessageKind: Sendable, Equatable {
        /// UTF-8 text, already validated unless the message is compressed.
        case text
        /// Arbitrary bytes.
        case binary
    }

    /// Where the bytes of an event are.
    public enum Payload: Sendable, Equatable {
        /// Unmasked in the input, at this range of byte offsets from the input's start.
        case inPlace(Range<Int>)
        /// Gathered; fetch with ``WebSocketParser/takeAssembled()`` before the next call of `next`.
        case assembled
    }

    /// Something the peer said.
    public enum Event: Sendable, Equatable {
        /// A whole data message. `compressed`: RSV1 was set, and the payload is neither inflated nor UTF-8-checked.
        case message(MessageKind, Payload, compressed: Bool)
        /// A ping; answer with a pong of the same payload (§5.5.2).
        case ping(Payload)
        /// A pong, asked for or not (§5.5.3).
        case pong(Payload)
        /// The peer's close frame, the last event. `code` is nil if the frame was empty; `reason` is valid UTF-8.
        case close(code: UInt16?, reason: Payload)
    }

    /// What the next input byte belongs to.
    enum Phase: UInt8 {
        case header
        case payload
        case finished
    }

    /// What `takeAssembled` would return.
    enum Ready: UInt8 {
        case nothing
        case message
        case control
    }

    /// The data message being gathered.
    var message: [UInt8] = []
    /// The payload of a control frame that the end of the input cut.
    var control: [UInt8] = []
    /// Payload bytes of the current frame that have not arrived.
    var remaining = 0
    let maximumMessageSize: Int
    let maximumFragments: UInt32
    var fragments: UInt32 = 0
    /// Rotated so that the next payload byte uses its lowest byte.
    var mask: UInt32 = 0
    /// A header that the end of the input cut.
    var header = InlineArray<14, UInt8>(repeating: 0)
    var headerCount: UInt8 = 0
    /// The first byte of the current frame: FIN, RSV, opcode.
    var first: UInt8 = 0
    var utf8 = UTF8Validator()
    var phase = Phase.header
    var ready = Ready.nothing
    var inMessage = false
    var isText = false
    var isCompressed = false
    let isServer: Bool
    let allowsRSV1: Bool

    /// Creates a parser for the bytes that follow the upgrade.
    ///
    /// - Parameters:
    ///   - role: the end of the connection that reads.
    ///   - limits: what a message may be.
    ///   - allowsRSV1: whether an extension that uses RSV1 was negotiated; see ``MessageFilter``.
    public init(role: Role, limits: Limits = .init(), allowsRSV1: Bool = false) {
        isServer = role == .server
        maximumMessageSize = max(0, limits.maximumMessageSize)
        maximumFragments = UInt32(clamping: max(1, limits.maximumFragments))
        self.allowsRSV1 = allowsRSV1
    }

    /// Whether a data message has begun and is not yet reported.
    public var isMidMessage: Bool { inMessage }

    /// Whether it is where it began: no message or header has begun, and nothing that was reported is left to be fetched. What
    /// follows depends on nothing that came before.
    public var isBetweenMessages: Bool { phase == .header && ready == .nothing && headerCount == 0 && !inMessage }

    /// Takes out what has begun, so that this parser can go on with another connection.
    ///
    /// - Returns: a parser that goes on where this one was, which is as it was made now; nil between messages, when nothing has
    ///   begun.
    public mutating func takeUnfinished() -> WebSocketParser? {
        guard !isBetweenMessages else { return nil }
        let limits = Limits(maximumMessageSize: maximumMessageSize, maximumFragments: Int(maximumFragments))
        var taken = WebSocketParser(role: isServer ? .server : .client, limits: limits, allowsRSV1: allowsRSV1)
        swap(&taken, &self)
        return taken
    }

    /// Whether a close event was reported or an error thrown, so that all further input is ignored.
    public var isFinished: Bool { phase == .finished }

    /// Bytes held on the heap for what is being gathered.
    public var bufferedBytes: Int { message.count + control.count }

    /// The payload of the last event, if that was ``Payload/assembled``; otherwise empty.
    public mutating func takeAssembled() -> [UInt8] {
        var taken: [UInt8] = []
        switch ready {
        case .nothing: break
        case .message: swap(&taken, &message)
        case .control: swap(&taken, &control)
        }
        ready = .nothing
        return taken
    }

    /// The next event of the input.
    ///
    /// - Parameters:
    ///   - input: received bytes; payloads in it are unmasked in place, so each byte must be passed once only.
    ///   - position: where to go on, advanced over what was consumed. Must lie within the input.
    /// - Returns: an event, or nil when all of the input is consumed and more is needed.
    /// - Throws: the violation that ends the connection; ``WebSocketError/closeCode`` answers it.
    public mutating func next(
        _ input: inout MutableRawSpan,
        at position: inout Int
    ) throws(WebSocketError) -> Event? {
        let count = input.byteCount
        precondition(position >= 0 && position <= count, "position outside the input")
        if ready != .nothing { dropReady() }
        // The pointer leaves the closure, which would be one more call for every frame, but not this function, which
        // holds `input` exclusively.
        let start = unsafe input.withUnsafeMutableBytes { $0.baseAddress }
        // Nothing is ever pending that an empty input could complete.
        guard let base = unsafe start else { return nil }
        if isServer && phase == .header && !inMessage && headerCount == 0,
            let event = unsafe shortMessage(base, count, &position)
        {
            return event
        }
        var index = position
        defer { position = index }
        return try unsafe next(base, count, &index)
    }

    /// `next` on `count` bytes at `base`; `index` is within them.
    @inline(__always)
    private mutating func next(
        _ base: UnsafeMutableRawPointer,
        _ count: Int,
        _ index: inout Int
    ) throws(WebSocketError) -> Event? {
        while true {
            do throws(WebSocketError) {
                if phase == .header {
                    guard index < count else { return nil }
                    guard let length = try unsafe readHeader(base, count, &index) else { return nil }
                    if let event = try unsafe beginPayload(length, base, count, &index) { return event }
                } else if phase == .payload {
                    guard remaining == 0 || index < count else { return nil }
                    if let event = try unsafe continuePayload(base, count, &index) { return event }
                } else {
                    index = count
                    return nil
                }
            } catch {
                throw fail(error)
            }
        }
    }

    /// Frees an assembled payload that was not fetched.
    @inline(never)
    private mutating func dropReady() {
        _ = takeAssembled()
    }

    /// Ends the parser and frees the message it was gathering.
    mutating func finish() {
        phase = .finished
        message = []
        inMessage = false
    }

    /// Ends the parser after a violation.
    @inline(never)
    private mutating func fail(_ error: WebSocketError) -> WebSocketError {
        finish()
        control = []
        return error
    }
}
