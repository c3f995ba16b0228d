import CBenchSupport
import EventLoop

/// A client connection of the load generator: upgrade, handshake, then messages to a subclass. It reads no more of an answer
/// than it needs to know that it is one.
class LoadConnection: ConnectionHandler {
    enum Phase: UInt8 {
        case upgrading, handshaking, open, done
    }

    /// Bytes of a long message's beginning that are kept until its end has arrived.
    static let keptPrefix = 64

    let frames: ClientFrames
    /// The `#handshake` to send; empty for a plain WebSocket.
    @safe @exclusivity(unchecked) var handshake: [UInt8]
    /// Whether the answer must say that the token was good.
    let expectsAuthentication: Bool
    @safe @exclusivity(unchecked) var phase = Phase.upgrading
    /// When the attempt was due.
    @safe @exclusivity(unchecked) var began: UInt64 = 0
    /// A frame or head that the end of the input cut.
    @safe @exclusivity(unchecked) private var stash: [UInt8] = []
    /// Payload of a long message still to come.
    @safe @exclusivity(unchecked) private var remaining = 0
    @safe @exclusivity(unchecked) private var pendingLength = 0
    @safe @exclusivity(unchecked) private var prefix: [UInt8] = []

    init(frames: ClientFrames, handshake: [UInt8], expectsAuthentication: Bool) {
        self.frames = frames
        self.handshake = handshake
        self.expectsAuthentication = expectsAuthentication
    }

    /// A connection with the handshake of its number in a plan.
    init(_ plan: LoadPlan, _ index: Int) {
        frames = plan.frames
        handshake = plan.handshake(index)
        expectsAuthentication = plan.expectsAuthentication
    }

    // MARK: For subclasses

    /// The handshake is done.
    func opened() {}

    /// A message that is neither a ping nor the handshake's answer.
    /// - Parameters:
    ///   - bytes: the message, or the beginning of one that arrived in pieces.
    ///   - length: the whole message's length.
    @unsafe
    func message(_ bytes: UnsafeRawBufferPointer, length: Int) {}

    /// Takes whole frames at the beginning of the input that a subclass knows by their looks.
    /// - Returns: their bytes.
    @unsafe
    func takeKnownFrames(_ input: UnsafeRawBufferPointer) -> Int { 0 }

    /// The connection ended before it was meant to.
    func failed(_ reason: String) {}

    final func fail(_ reason: String) {
        guard phase != .done else { return }
        phase = .done
        connection?.abort()
        failed(reason)
    }

    /// Sends a copy of bytes at the end of the turn.
    final func transmit(_ bytes: [UInt8]) {
        guard let connection else { return }
        // Bytes have no padding, which is all that is unsafe about `Span.bytes`.
        unsafe connection.write(bytes.span.bytes)
    }

    /// Ends the connection as most clients do: without a reset. The options of the connection say not to linger.
    final func end() {
        phase = .done
        connection?.close()
    }

    // MARK: Events of the connection

    override final func connected() {
        transmit(frames.upgrade)
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        consume(&bytes)
    }

    override final func receivedEnd() {
        fail("the server ended the connection")
        connection?.close()
    }

    override final func closed(_ reason: ConnectionCloseReason) {
        fail("the connection was lost: \(reason)")
    }

    // MARK: Reading

    final func consume(_ bytes: inout MutableRawSpan) {
        unsafe bytes.withUnsafeBytes { input in
            if stash.isEmpty {
                unsafe process(input)
            } else {
                unsafe stash.append(contentsOf: input)
                var joined: [UInt8] = []
                swap(&joined, &stash)
                unsafe joined.withUnsafeBytes { unsafe process($0) }
            }
        }
    }

    @unsafe
    private func process(_ input: UnsafeRawBufferPointer) {
        guard let base = input.baseAddress, phase != .done else { return }
        let count = input.count
        var position = 0
        if remaining > 0 {
            let taken = min(remaining, count)
            remaining -= taken
            position = taken
            if remaining > 0 { return }
            unsafe prefix.withUnsafeBytes { unsafe deliver($0, length: pendingLength) }
        }
        if phase == .open, remaining == 0, position == 0 { position = unsafe takeKnownFrames(input) }
        if phase == .upgrading {
            guard let end = unsafe Search.end(ofHeadIn: input) else {
                if count > 16_384 { return fail("the answer to the upgrade is too long") }
                unsafe stash.append(contentsOf: input)
                return
            }
            guard unsafe Search.isSwitchingProtocols(input) else { return fail("the upgrade was refused") }
            position = end
            upgraded()
        }
        while phase != .done {
            let available = count &- position
            guard available >= 2 else { break }
            let frame = unsafe base + position
            let first = unsafe frame.load(as: UInt8.self)
            let second = unsafe frame.load(fromByteOffset: 1, as: UInt8.self)
            var length = Int(second)
            var header = 2
            if length >= 126 {
                if length == 126 {
                    guard available >= 4 else { break }
                    length = Int(UInt16(bigEndian: unsafe frame.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
                    header = 4
                } else if length == 127 {
                    guard available >= 10 else { break }
                    length = Int(
                        truncatingIfNeeded: UInt64(
                            bigEndian: unsafe frame.loadUnaligned(fromByteOffset: 2, as: UInt64.self)
                        )
                    )
                    header = 10
                } else {
                    return fail("the server masked a frame")
                }
            }
            if first != 0x81 {
                guard unsafe other(first, frame, header, length, available) else { break }
                position &+= header &+ length
                continue
            }
            let payload = unsafe frame + header
            if available &- header >= length {
                position &+= header &+ length
                unsafe deliver(UnsafeRawBufferPointer(start: payload, count: length), length: length)
            } else {
                let present = available &- header
                guard present >= Self.keptPrefix else { break }
                prefix.removeAll(keepingCapacity: true)
                unsafe prefix.append(contentsOf: UnsafeRawBufferPointer(start: payload, count: Self.keptPrefix))
                pendingLength = length
                remaining = length &- present
                return
            }
        }
        if position < count, phase != .done {
            unsafe stash.append(contentsOf: UnsafeRawBufferPointer(start: base + position, count: count - position))
        }
    }

    /// A frame that is no whole text message. Whether it was consumed.
    @unsafe
    private func other(
        _ first: UInt8,
        _ frame: UnsafeRawPointer,
        _ header: Int,
        _ length: Int,
        _ available: Int
    ) -> Bool {
        guard available >= header + length else { return false }
        let payload = unsafe UnsafeRawBufferPointer(start: frame + header, count: length)
        switch first {
        case 0x82: unsafe deliver(payload, length: length)
        case 0x88:
            let code = unsafe length >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 1005
            fail("the server closed the connection with \(code)")
        case 0x89: unsafe transmit(WebSocketPong.frame(Array(payload)))
        case 0x8A: break
        default: fail("the server sent a frame of type \(first) that this client does not read")
        }
        return true
    }

    @unsafe
    private func deliver(_ bytes: UnsafeRawBufferPointer, length: Int) {
        if phase == .open {
            if unsafe length > 2 || handshake.isEmpty || !answerPing(bytes) { unsafe message(bytes, length: length) }
        } else if unsafe !answerPing(bytes) {
            guard unsafe Search.contains("\"rid\"", in: bytes) else { return }
            if expectsAuthentication, unsafe !Search.contains("\"isAuthenticated\":true", in: bytes) {
                return fail("the server did not take the token")
            }
            phase = .open
            opened()
        }
    }

    @unsafe
    private func answerPing(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if unsafe bytes.isEmpty {
            transmit(frames.emptyPong)
            return true
        }
        guard bytes.count == 2, unsafe bytes[0] == UInt8(ascii: "#"), unsafe bytes[1] == UInt8(ascii: "1") else {
            return false
        }
        transmit(frames.numberedPong)
        return true
    }

    private func upgraded() {
        if handshake.isEmpty {
            phase = .open
            opened()
        } else {
            phase = .handshaking
            transmit(handshake)
        }
    }
}
