import AsyngularSupport
public import EventLoop
public import WebSocket

/// The client's end of a WebSocket (RFC 6455): parses frames where they lie, masks what it sends, answers pings, and carries out
/// the closing handshake. Opened by a ``Dialer``.
///
/// Confined to its event loop. Subclasses say what to do when it is open (``opened()``), with messages (``message(_:_:)``, or
/// ``inputAvailable()`` which drains ``nextMessage()``) and at the end (``ended(code:reason:)``, once). Input can be held:
/// what arrives then is kept up to 64 KiB, and after that the server is made to wait.
@safe
open class ClientWebSocket: ConnectionHandler {
    /// A message, whose bytes stay where they are until the next one is asked for.
    public enum Message {
        /// In the receive buffer.
        case inPlace(WebSocketParser.MessageKind, Range<Int>)
        /// Gathered from several frames or pieces.
        case assembled(WebSocketParser.MessageKind, [UInt8])

        /// What the message carries.
        public var kind: WebSocketParser.MessageKind {
            switch self {
            case .inPlace(let kind, _), .assembled(let kind, _): kind
            }
        }
    }

    enum Phase {
        /// Not open yet.
        case opening
        /// Messages flow.
        case open
        /// This side's close frame is out; the server's is awaited.
        case closing
        /// Both close frames are out, or the connection is gone.
        case closed
    }

    /// Bytes kept while input is held before reading stops. 64 KiB.
    static let heldInputLimit = 64 * 1024
    /// ``timerFired(_:)`` tags below this one, 16, belong to this class.
    public static let firstSubclassTimerTag: UInt32 = 16
    static let closeTimerTag: UInt32 = 1

    /// The loop the WebSocket lives on.
    public final let loop: EventLoop
    final let shared: ClientLoop
    final let limits: WebSocketParser.Limits
    // Checked by reading, not at run time: no access to these spans a call of the program's code.
    @safe @exclusivity(unchecked) final var parser: WebSocketParser
    @safe @exclusivity(unchecked) final var phase = Phase.opening
    @safe @exclusivity(unchecked) private final var hasEnded = false
    /// Whether ``holdInput()`` is in effect.
    @safe @exclusivity(unchecked) public private(set) final var isInputHeld = false
    final var closeTimer = TimerID.none
    /// How long the server may take to answer a close frame. 5 seconds.
    final var closeTimeoutMilliseconds: UInt64 = 5000
    private final var held: [UInt8] = []
    final var filter: MessageFilter?
    private final var hasUnusableExtensions = false
    /// The subprotocol that the server chose; nil if none, or before ``opened()``.
    public private(set) final var subprotocol: String?

    /// Creates a WebSocket that is not open yet.
    /// - Parameters:
    ///   - loop: The loop it will live on.
    ///   - limits: What the server may make it hold.
    public init(loop: EventLoop, limits: WebSocketParser.Limits = .init()) {
        self.loop = loop
        self.limits = limits
        shared = ClientLoop.of(loop)
        parser = WebSocketParser(role: .client, limits: limits)
    }

    /// Whether messages can be sent and are delivered.
    public final var isOpen: Bool { phase == .open }

    // MARK: For subclasses

    /// The WebSocket is open. Messages follow, but not from within this call.
    open func opened() {}

    /// Bytes have come: drain ``nextMessage()``. By default ``message(_:_:)`` is called for each message.
    open func inputAvailable() {
        while let message = nextMessage() { withBytes(of: message) { self.message(message.kind, $0) } }
    }

    /// A message has come; its bytes are valid during the call.
    open func message(_ kind: WebSocketParser.MessageKind, _ bytes: RawSpan) {}

    /// The WebSocket is over. Called once, for whatever reason, after ``opened()``; the last call but for timers.
    ///
    /// - Parameters:
    ///   - code: the server's close code, also where this side closed first; 1005 if its close frame had none; 1006 if the connection
    ///     ended without one; or the code of the violation that this side found in its frames.
    ///   - reason: the server's, or what this side found, or empty.
    open func ended(code: UInt16, reason: String) {}

    /// The extension for what the server accepted of ``DialOptions/extensions``; called before ``opened()`` if it accepted any.
    /// - Returns: What encodes and decodes messages. nil, the default, fails the connection with 1010.
    open func makeFilter(extensions: String) -> MessageFilter? { nil }

    // MARK: Opening

    /// The handshake is done; the connection becomes this one's.
    final func accepted(_ response: ClientUpgradeResponse.Accepted) {
        subprotocol = response.subprotocol
        guard let extensions = response.extensions else { return }
        filter = makeFilter(extensions: extensions)
        hasUnusableExtensions = filter == nil
        parser = WebSocketParser(role: .client, limits: limits, allowsRSV1: filter != nil)
    }

    /// Begins, with the connection.
    public final override func connected() {
        phase = .open
        opened()
        guard hasUnusableExtensions, phase == .open else { return }
        end(sending: 1010, code: 1010, reason: "The server's extensions cannot be used")
    }

    // MARK: Messages in

    /// The next whole message, or nil when there is none, input is held or the WebSocket is not open.
    public final func nextMessage() -> Message? {
        while phase == .open, !isInputHeld {
            // A span made of the property itself crashes the compiler (6.3.1).
            let bytes = unsafe shared.input.bytes
            var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
            do throws(WebSocketError) {
                guard let event = try parser.next(&span, at: &shared.input.position) else { return nil }
                switch event {
                case .message(let kind, let payload, compressed: true): return try decode(kind, payload)
                case .message(let kind, .inPlace(let range), _): return .inPlace(kind, range)
                case .message(let kind, .assembled, _): return .assembled(kind, parser.takeAssembled())
                case .ping(let payload): withPayload(payload) { send(.pong, $0) }
                case .pong(.assembled): _ = parser.takeAssembled()
                case .pong: break
                case .close(let code, let reason): peerClosed(code: code, reason: withPayload(reason, Bytes.string))
                }
            } catch {
                end(sending: error.closeCode, code: error.closeCode, reason: error.reason)
                return nil
            }
        }
        return nil
    }

    /// Gives access to a message's bytes.
    public final func withBytes(of message: borrowing Message, _ body: (RawSpan) -> Void) {
        switch message {
        case .inPlace(_, let range): unsafe body(RawSpan(_unsafeBytes: shared.input[range]))
        case .assembled(_, let bytes): body(bytes.rawBytes)
        }
    }

    private func decode(
        _ kind: WebSocketParser.MessageKind,
        _ payload: WebSocketParser.Payload
    ) throws(WebSocketError) -> Message {
        var output: [UInt8] = []
        var failure: WebSocketError?
        withPayload(payload) { bytes in
            do throws(WebSocketError) {
                try filter?.decode(bytes, limit: limits.maximumMessageSize, into: &output)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        guard kind == .binary || UTF8Validator.isValid(output.rawBytes) else { throw .invalidUTF8 }
        return .assembled(kind, output)
    }

    final func withPayload<R>(_ payload: WebSocketParser.Payload, _ body: (RawSpan) -> R) -> R {
        switch payload {
        case .inPlace(let range): unsafe body(RawSpan(_unsafeBytes: shared.input[range]))
        case .assembled: body(parser.takeAssembled().rawBytes)
        }
    }

    /// Takes bytes from the server.
    public final override func receive(_ bytes: inout MutableRawSpan) {
        guard phase != .closed else { return }
        unsafe bytes.withUnsafeMutableBytes { bytes in
            if isInputHeld {
                unsafe hold(UnsafeRawBufferPointer(bytes)[...])
            } else {
                unsafe process(bytes)
            }
        }
    }

    private func process(_ bytes: UnsafeMutableRawBufferPointer) {
        // Taking up this input may make another WebSocket of the loop take up what it has held.
        let outer = shared.input
        shared.input = unsafe InputWindow(bytes)
        if phase == .open { inputAvailable() }
        if phase == .closing { awaitClose() }
        if isInputHeld, phase == .open {
            unsafe hold(UnsafeRawBufferPointer(bytes)[shared.input.position...])
        }
        shared.input = outer
    }

    private func hold(_ bytes: Slice<UnsafeRawBufferPointer>) {
        unsafe held.append(contentsOf: bytes)
        if held.count >= Self.heldInputLimit { connection?.pauseReading() }
    }

    /// Lets no more messages out until ``resumeInput()``.
    public final func holdInput() {
        isInputHeld = true
    }

    /// Takes up what was held, then reads on.
    public final func resumeInput() {
        guard isInputHeld else { return }
        isInputHeld = false
        takeHeld()
        if !isInputHeld { connection?.resumeReading() }
    }

    final func takeHeld() {
        guard !held.isEmpty else { return }
        var bytes = held
        held = []
        unsafe bytes.withUnsafeMutableBytes { unsafe process($0) }
    }

    /// Forgets that input is held, as nothing more is delivered.
    final func stopHolding() {
        isInputHeld = false
        connection?.resumeReading()
    }

    /// Tells the subclass that it is over, once.
    final func finish(code: UInt16, reason: String) {
        phase = .closed
        loop.cancel(closeTimer)
        guard !hasEnded else { return }
        hasEnded = true
        held = []
        ended(code: code, reason: reason)
    }

    // MARK: The connection's end

    /// The server ended the stream: without a close frame that is not as it should be (1006).
    public final override func receivedEnd() {
        connection?.close()
        finish(code: 1006, reason: "")
    }

    /// The connection is gone.
    public final override func closed(_ reason: ConnectionCloseReason) {
        finish(code: 1006, reason: reason == .outputLimitExceeded ? "Outbound buffer limit was exceeded" : "")
    }

    /// A timer of this class, or of a subclass, which passes the ones it does not know on.
    open override func timerFired(_ tag: UInt32) {
        guard tag == Self.closeTimerTag, phase == .closing else { return }
        abort()
    }
}
