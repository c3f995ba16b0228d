import EventLoop
import WebSocket

/// A WebSocket over a connection: parses frames where they lie, answers pings, and carries out the closing handshake.
///
/// Confined to its event loop. Subclasses say what to do with messages (``inputAvailable()``, which drains
/// ``nextMessage()``) and with the end (``ended(code:reason:)``). Reading can be held: what arrives then is kept, up to
/// ``heldInputLimit``, and after that the peer is made to wait by not reading its socket.
@safe class WebSocketTransport: ConnectionHandler {
    /// Where a message's bytes are until the next message is asked for.
    enum Message {
        case inPlace(WebSocketParser.MessageKind, Range<Int>)
        case assembled(WebSocketParser.MessageKind, [UInt8])
    }

    private enum Phase {
        /// Messages flow.
        case open
        /// Our close frame is out; the peer's is awaited.
        case closing
        /// Both close frames are out, or the connection is gone.
        case closed
    }

    /// Bytes kept while input is held before reading stops. 64 KiB.
    static let heldInputLimit = 64 * 1024
    /// How long the peer may take to answer our close frame. 5 seconds.
    static let closeTimeoutMilliseconds: UInt64 = 5000
    /// ``timerFired(_:)`` tags below this one belong to this class.
    static let firstSubclassTimerTag: UInt32 = 16
    private static let closeTimerTag: UInt32 = 1

    final let context: LoopContext
    // Checked by reading, not at run time: no access to these spans a call of the program's code.
    /// What of the input is not taken up yet; nil between messages, which most connections are.
    @safe @exclusivity(unchecked) private var pending: PendingInput?
    // In this order they leave no gaps.
    @safe @exclusivity(unchecked) private var phase = Phase.open
    @safe @exclusivity(unchecked) private(set) var isInputHeld = false
    @safe @exclusivity(unchecked) private var closeTimer = TimerID.none

    init(context: LoopContext) {
        self.context = context
    }

    final var loop: EventLoop { context.loop }

    /// Whether messages can be sent and are processed.
    final var isOpen: Bool { phase == .open }

    // MARK: For subclasses

    /// Bytes have come: drain ``nextMessage()``.
    func inputAvailable() {}

    /// The WebSocket is over. Called once, for whatever reason.
    ///
    /// - Parameters:
    ///   - code: the peer's close code, 1005 if its close frame had none, 1006 if it vanished, or the code of the error
    ///     that this side found in its frames. Not called with a code that this side closed with by ``close(code:reason:)``.
    func ended(code: UInt16, reason: String) {}

    // MARK: Messages in

    /// The next whole message, or nil when there is none, input is held or the WebSocket is closing.
    final func nextMessage() -> Message? {
        while phase == .open, !isInputHeld {
            // A span made of the property itself crashes the compiler (6.3.1).
            let bytes = unsafe context.input.bytes
            var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
            do throws(WebSocketError) {
                guard let event = try context.parser.next(&span, at: &context.input.position) else {
                    return nil
                }
                switch event {
                case .message(let kind, .inPlace(let range), _): return .inPlace(kind, range)
                case .message(let kind, .assembled, _): return .assembled(kind, context.parser.takeAssembled())
                case .ping(let payload): withPayload(payload) { sendControl(.pong, $0) }
                case .pong(.assembled): _ = context.parser.takeAssembled()
                case .pong: break
                case .close(let code, let reason): peerClosed(code: code, reason: withPayload(reason, Bytes.string))
                }
            } catch {
                fail(error)
                return nil
            }
        }
        return nil
    }

    /// Gives access to a message's bytes.
    final func withBytes(of message: borrowing Message, _ body: (RawSpan) -> Void) {
        switch message {
        case .inPlace(_, let range): unsafe body(RawSpan(_unsafeBytes: context.input[range]))
        case .assembled(_, let bytes): body(bytes.rawBytes)
        }
    }

    private func withPayload<R>(_ payload: WebSocketParser.Payload, _ body: (RawSpan) -> R) -> R {
        switch payload {
        case .inPlace(let range):
            return unsafe body(RawSpan(_unsafeBytes: context.input[range]))
        case .assembled: return body(context.parser.takeAssembled().rawBytes)
        }
    }

    final override func receive(_ bytes: inout MutableRawSpan) {
        guard phase != .closed else { return }
        if isInputHeld {
            unsafe bytes.withUnsafeMutableBytes { unsafe hold(UnsafeRawBufferPointer($0)[...]) }
            return
        }
        unsafe bytes.withUnsafeMutableBytes { unsafe process($0) }
    }

    private func process(_ bytes: UnsafeMutableRawBufferPointer) {
        // Taking up this input may make another socket of the loop take up what it has held.
        let outer = context.input
        context.input = unsafe InputWindow(bytes)
        assert(
            context.parser.isBetweenMessages,
            "the loop's parser was left in the midst of another connection's message"
        )
        if pending != nil { takeParser() }
        if phase == .open { inputAvailable() }
        if phase == .closing { awaitClose() }
        if isInputHeld { unsafe hold(UnsafeRawBufferPointer(bytes)[context.input.position...]) }
        context.input = outer
        if let unfinished = context.parser.takeUnfinished() { keep(unfinished) }
    }

    /// Goes on where the last input ended.
    private func takeParser() {
        guard let pending, let parser = pending.parser else { return }
        pending.parser = nil
        if pending.held.isEmpty { self.pending = nil }
        context.parser = parser
    }

    /// The input ended within a message, or the WebSocket did.
    @inline(never)
    private func keep(_ unfinished: consuming WebSocketParser) {
        guard phase != .closed else { return }
        let pending = pending ?? PendingInput()
        pending.parser = unfinished
        self.pending = pending
    }

    private func hold(_ bytes: Slice<UnsafeRawBufferPointer>) {
        guard unsafe !bytes.isEmpty else { return }
        let pending = pending ?? PendingInput()
        self.pending = pending
        unsafe pending.held.append(contentsOf: bytes)
        if pending.held.count >= Self.heldInputLimit { connection?.pauseReading() }
    }

    /// Lets no more messages out until ``resumeInput()``.
    final func holdInput() {
        isInputHeld = true
    }

    /// Takes up what was held, then reads on.
    final func resumeInput() {
        guard isInputHeld else { return }
        isInputHeld = false
        takeHeld()
        if !isInputHeld { connection?.resumeReading() }
    }

    private func takeHeld() {
        guard let pending, !pending.held.isEmpty else { return }
        var bytes = pending.held
        pending.held = []
        if pending.parser == nil { self.pending = nil }
        unsafe bytes.withUnsafeMutableBytes { unsafe process($0) }
    }

    // MARK: Messages out

    /// Sends a frame whose payload the closure writes in full, straight into the connection's output.
    @inline(__always)
    final func send(_ opcode: Opcode, length: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        guard phase == .open, let connection else { return }
        let header = FrameWriter.headerLength(payloadLength: length, masked: false)
        unsafe connection.withReservedOutput(header + length) { output in
            _ = unsafe FrameWriter.writeHeader(
                opcode: opcode,
                fin: true,
                rsv1: false,
                payloadLength: length,
                mask: nil,
                into: output
            )
            unsafe write(UnsafeMutableRawBufferPointer(rebasing: output[header..<(header + length)]))
            return header + length
        }
    }

    /// Sends bytes as one frame.
    final func send(_ opcode: Opcode, _ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe send(opcode, length: bytes.count) { unsafe $0.copyMemory(from: bytes) }
        }
    }

    /// Writes a whole frame.
    ///
    /// - Parameter output: replaced; its room is used again.
    static func frame(_ opcode: Opcode, _ payload: RawSpan, into output: inout [UInt8]) {
        output.removeAll(keepingCapacity: true)
        let length = FrameWriter.headerLength(payloadLength: payload.byteCount, masked: false)
        output.append(contentsOf: repeatElement(0, count: length))
        unsafe output.withUnsafeMutableBytes { output in
            _ = unsafe FrameWriter.writeHeader(opcode: opcode, payloadLength: payload.byteCount, into: output)
        }
        unsafe payload.withUnsafeBytes { unsafe output.append(contentsOf: $0) }
    }

    /// Sends a copy of a whole frame.
    final func send(frame: RawSpan) {
        guard phase == .open else { return }
        connection?.write(frame)
    }

    /// A whole frame that many connections send; see ``send(_:)-(SharedBytes)``.
    static func sharedFrame(_ opcode: Opcode, _ payload: RawSpan) -> SharedBytes {
        let header = FrameWriter.headerLength(payloadLength: payload.byteCount, masked: false)
        let length = header + payload.byteCount
        return unsafe SharedBytes(unsafeUninitializedCapacity: length) { output in
            _ = unsafe FrameWriter.writeHeader(
                opcode: opcode,
                fin: true,
                rsv1: false,
                payloadLength: payload.byteCount,
                mask: nil,
                into: output
            )
            unsafe payload.withUnsafeBytes { payload in
                unsafe UnsafeMutableRawBufferPointer(rebasing: output[header...]).copyMemory(from: payload)
            }
            return length
        }
    }

    /// Sends a frame made by ``sharedFrame(_:_:)``, by reference if it is large.
    final func send(_ frame: SharedBytes) {
        guard phase == .open else { return }
        connection?.write(frame)
    }

    private func sendControl(_ opcode: Opcode, _ payload: RawSpan) {
        send(opcode, payload)
    }

    // MARK: The end

    /// Sends a close frame; the connection goes when the peer has answered, or after ``closeTimeoutMilliseconds``.
    ///
    /// - Parameter reason: cut to the 123 bytes that a close frame holds, at a character's edge.
    final func close(code: UInt16, reason: String = "") {
        guard phase == .open else { return }
        sendClose(code: code, reason: reason)
        phase = .closing
        isInputHeld = false
        connection?.resumeReading()
        closeTimer = loop.schedule(self, tag: Self.closeTimerTag, afterMilliseconds: Self.closeTimeoutMilliseconds)
        // What was held goes through the parser, which must stay in step, and may have the peer's close frame in it.
        takeHeld()
    }

    private func sendClose(code: UInt16?, reason: String) {
        guard let code, FrameWriter.isSendableCloseCode(code) else {
            send(.close, [UInt8]().rawBytes)
            return
        }
        var reason = Substring(reason)
        while reason.utf8.count > 123 { reason.removeLast() }
        let bytes = Array(reason.utf8)
        unsafe send(.close, length: 2 + bytes.count) { output in
            unsafe output[0] = UInt8(code >> 8)
            unsafe output[1] = UInt8(truncatingIfNeeded: code)
            unsafe UnsafeMutableRawBufferPointer(rebasing: output[2...]).copyBytes(from: bytes)
        }
    }

    private func peerClosed(code: UInt16?, reason: String) {
        sendClose(code: code, reason: "")
        phase = .closed
        // Before others hear of it, who may make another connection take up its input.
        _ = context.parser.takeUnfinished()
        connection?.close()
        ended(code: code ?? 1005, reason: reason)
    }

    private func fail(_ error: WebSocketError) {
        sendClose(code: error.closeCode, reason: error.reason)
        phase = .closed
        _ = context.parser.takeUnfinished()
        connection?.close()
        ended(code: error.closeCode, reason: error.reason)
    }

    /// After our close frame only the peer's is of interest.
    private func awaitClose() {
        let bytes = unsafe context.input.bytes
        var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
        while phase == .closing {
            do throws(WebSocketError) {
                guard let event = try context.parser.next(&span, at: &context.input.position) else { return }
                switch event {
                case .message(_, .assembled, _), .ping(.assembled), .pong(.assembled):
                    _ = context.parser.takeAssembled()
                case .close: finishClosing()
                default: break
                }
            } catch {
                finishClosing()
            }
        }
    }

    private func finishClosing() {
        phase = .closed
        loop.cancel(closeTimer)
        connection?.close()
    }

    override func receivedEnd() {
        // TCP without a close frame: whatever is still queued may go out, then the connection closes.
        let wasOpen = phase == .open
        phase = .closed
        loop.cancel(closeTimer)
        connection?.close()
        if wasOpen { ended(code: 1006, reason: "") }
    }

    override func closed(_ reason: ConnectionCloseReason) {
        let wasOpen = phase == .open
        phase = .closed
        loop.cancel(closeTimer)
        guard wasOpen else { return }
        if reason == .outputLimitExceeded {
            ended(code: 1008, reason: "Outbound buffer limit was exceeded")
        } else {
            ended(code: 1006, reason: "")
        }
    }

    override func timerFired(_ tag: UInt32) {
        guard tag == Self.closeTimerTag, phase == .closing else { return }
        phase = .closed
        connection?.abort()
    }
}
