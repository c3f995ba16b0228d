import CEventLoop

/// A connected stream socket (TCP or Unix-domain) on an ``EventLoop``.
///
/// Confined to its loop: every member must be used on the loop's thread, which debug builds check. The object lives at
/// least until its handler got ``ConnectionHandler/closed(_:)``; what is done with it later has no effect.
@safe
public final class Connection: @unchecked Sendable {
    @usableFromInline
    struct Flags: OptionSet, Sendable {
        @usableFromInline let rawValue: UInt16

        @usableFromInline
        init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// Output is accepted.
        @usableFromInline static let open = Flags(rawValue: 1 << 0)
        /// In the loop's list of connections to flush.
        @usableFromInline static let dirty = Flags(rawValue: 1 << 1)
        static let reading = Flags(rawValue: 1 << 2)
        /// A `uv_write` is in flight.
        static let writing = Flags(rawValue: 1 << 3)
        /// `close()` was called.
        static let closing = Flags(rawValue: 1 << 4)
        /// The output was shut down.
        static let outputShut = Flags(rawValue: 1 << 5)
        /// The handle is closing; only its last callback will come.
        static let dead = Flags(rawValue: 1 << 6)
        static let peerEnded = Flags(rawValue: 1 << 7)
        /// Buffered output is above the high-water mark, or has not fallen below the low one since.
        static let full = Flags(rawValue: 1 << 8)
        /// The handler was told that the connection is not writable.
        static let reportedFull = Flags(rawValue: 1 << 9)
        static let connecting = Flags(rawValue: 1 << 10)
    }

    enum Cause: UInt8 {
        case local, aborted, peerEnded, outputLimit, timedOut, failed
    }

    /// The loop the connection belongs to.
    public unowned let loop: EventLoop
    let settings: Settings
    /// Valid until the last callback.
    var raw: OpaquePointer?
    var handler: ConnectionHandler?
    var filter: TransportFilter?
    /// Output as the handler wrote it.
    @usableFromInline var output = OutputChain()
    /// Bytes of the front of the outgoing chain that libuv was given.
    var bytesInFlight = 0
    /// Output up to this size takes the inlined path.
    @usableFromInline let fastLimit: Int
    var lingerTimer = TimerID.none
    var failure: Int32 = 0
    @usableFromInline var flags: Flags = [.open]
    var cause = Cause.local

    init(loop: EventLoop, settings: Settings) {
        self.loop = loop
        self.settings = settings
        fastLimit = settings.options.highWaterMark
        unsafe raw = nil
    }

    /// Makes another handler the connection's handler and calls its ``ConnectionHandler/connected()``.
    ///
    /// Allowed inside ``ConnectionHandler/receive(_:)``; the old handler gets no further call of any kind. Has no effect
    /// once ``ConnectionHandler/closed(_:)`` was delivered.
    /// - Parameter new: The handler from now on.
    public func setHandler(_ new: ConnectionHandler) {
        loop.assertInLoop()
        guard unsafe raw != nil else { return }
        if let old = handler {
            unsafe old.attachedConnection = nil
        }
        handler = new
        unsafe new.attachedConnection = self
        new.connected()
    }

    /// The peer's address, asked of the kernel; nil if the peer is gone.
    public func remoteAddress() -> SocketAddress? {
        address(peer: true)
    }

    /// This side's address, asked of the kernel; nil if the connection is closed.
    public func localAddress() -> SocketAddress? {
        address(peer: false)
    }

    private func address(peer: Bool) -> SocketAddress? {
        loop.assertInLoop()
        guard let raw = unsafe raw, !flags.contains(.dead) else { return nil }
        return unsafe SocketAddress(descriptor: el_connection_fd(raw), peer: peer)
    }

    /// Whether output is still accepted. False after ``close()``, ``abort()`` or a failure.
    @inlinable public var isOpen: Bool { flags.contains(.open) }

    /// Output that the kernel has not taken, in bytes: this object's queue, a filter's and libuv's.
    public var bufferedBytes: Int {
        var total = output.count
        if let filter {
            total += filter.wire.count + filter.pendingOutput
        }
        // libuv drops bytes from its queue as the kernel takes them; the chain keeps them until the whole write is done.
        if bytesInFlight > 0, let raw = unsafe raw {
            total -= unsafe bytesInFlight - el_connection_write_queue_size(raw)
        }
        return total
    }

    /// Whether more output is welcome: false from the moment ``bufferedBytes`` exceeds
    /// ``Options/highWaterMark`` until it has fallen to ``Options/lowWaterMark``.
    public var isWritable: Bool { flags.intersection([.open, .full]) == .open }

    var reason: ConnectionCloseReason {
        switch cause {
        case .local: .local
        case .aborted: .aborted
        case .peerEnded: .peerEnded
        case .outputLimit: .outputLimitExceeded
        case .timedOut: .timedOut
        case .failed: Self.reason(errno: failure)
        }
    }
}
