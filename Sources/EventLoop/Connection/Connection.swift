import CEventLoop

/// A connected stream socket (TCP or Unix-domain) on an ``EventLoop``.
///
/// Confined to its loop: every member must be used on the loop's thread, which debug builds check. The object lives at
/// least until its handler got ``ConnectionHandler/closed(_:)``; what is done with it later has no effect.
@safe
public final class Connection: @unchecked Sendable {
    enum Cause: UInt8 {
        case local, aborted, peerEnded, outputLimit, timedOut, failed
    }

    /// The loop the connection belongs to.
    public let loop: EventLoop
    @usableFromInline let settings: Settings
    // Exclusivity is not checked at run time: the object is confined to one thread, and no access to one of these lasts
    // while a handler is called. The checks were two fifths of the instructions of an echo.

    /// Valid until the last callback.
    @exclusivity(unchecked) var raw: OpaquePointer?
    @safe @exclusivity(unchecked) var handler: ConnectionHandler?
    @safe @exclusivity(unchecked) var filter: TransportFilter?
    /// Output as the handler wrote it.
    @safe @exclusivity(unchecked) @usableFromInline var output = OutputChain()
    @safe @exclusivity(unchecked) var failure: Int32 = 0
    @safe @exclusivity(unchecked) @usableFromInline var flags: ConnectionFlags = [.open]
    @safe @exclusivity(unchecked) var cause = Cause.local

    init(loop: EventLoop, settings: Settings) {
        self.loop = loop
        self.settings = settings
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
        let old = handler
        if let old { unsafe old.attachedConnection = nil }
        handler = new
        // Its deinit may use the connection, and must find the new handler in place.
        withExtendedLifetime(old) {}
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

    /// The peer's network as a number, for sharing something out among peers: an IPv4 address, or the first half of an
    /// IPv6 address, which is what one subscriber is given (RFC 6177). nil for a Unix-domain socket or if the peer is gone.
    public func remoteNetwork() -> UInt64? {
        loop.assertInLoop()
        guard let raw = unsafe raw, !flags.contains(.dead) else { return nil }
        var network: UInt64 = 0
        return unsafe el_peer_network(el_connection_fd(raw), &network) == 0 ? network : nil
    }

    /// Has the kernel ask a silent peer whether it is still there (`SO_KEEPALIVE`). No effect on a Unix-domain socket.
    /// - Parameters:
    ///   - idleSeconds: How long the connection is silent before the first probe.
    ///   - intervalSeconds: From one probe to the next.
    ///   - probes: How many go without an answer before the connection counts as reset.
    public func setKeepAlive(idleSeconds: Int, intervalSeconds: Int, probes: Int) {
        loop.assertInLoop()
        guard let raw = unsafe raw, !flags.contains(.dead) else { return }
        _ = unsafe el_set_keep_alive(
            el_connection_fd(raw),
            Int32(clamping: idleSeconds),
            Int32(clamping: intervalSeconds),
            Int32(clamping: probes)
        )
    }

    private func address(peer: Bool) -> SocketAddress? {
        loop.assertInLoop()
        guard let raw = unsafe raw, !flags.contains(.dead) else { return nil }
        return unsafe SocketAddress(descriptor: el_connection_fd(raw), peer: peer)
    }

    /// Whether output is still accepted. False after ``close()``, ``abort()`` or a failure.
    @inlinable public var isOpen: Bool { flags.contains(.open) }

    /// Output that the kernel has not taken, in bytes: this object's queue, a filter's and the shim's.
    public var bufferedBytes: Int {
        var total = output.count
        if let filter {
            total += filter.wire.count + filter.pendingOutput
        }
        // The kernel takes a write bit by bit; the chain keeps the bytes until the whole of it is done.
        if flags.contains(.writing), let raw = unsafe raw {
            total -= unsafe el_connection_in_flight(raw) - el_connection_write_queue_size(raw)
        }
        return total
    }

    /// Output that the peer has not acknowledged, in bytes: ``bufferedBytes`` and what lies in the kernel's send buffer, which
    /// can be megabytes. Asks the kernel.
    public func unacknowledgedBytes() -> Int {
        loop.assertInLoop()
        guard let raw = unsafe raw, !flags.contains(.dead) else { return 0 }
        return unsafe bufferedBytes + el_connection_unacknowledged(raw)
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
