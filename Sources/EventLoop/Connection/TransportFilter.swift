/// A layer between the socket and the handler, for example TLS: bytes from the wire become plain bytes for the handler,
/// and the handler's output becomes bytes for the wire. Confined to the connection's loop.
open class TransportFilter {
    /// The connection the filter is attached to; nil before ``attached()`` and after ``detached()``.
    @inlinable public final var connection: Connection? { unsafe attachedConnection }
    @usableFromInline final unowned(unsafe) var attachedConnection: Connection?
    /// Output for the wire.
    final var wire = OutputChain()

    /// Creates a filter that is attached to nothing.
    public init() {}

    /// The filter was attached to a connection.
    open func attached() {}

    /// The connection is gone, the last call before the handler's ``ConnectionHandler/closed(_:)``.
    open func detached() {}

    /// Bytes arrived from the peer. Pass plain ones on with ``deliver(_:)``.
    /// - Parameter bytes: Valid during the call only; may be modified in place.
    open func receive(_ bytes: inout MutableRawSpan) {
        deliver(&bytes)
    }

    /// The peer ended the stream. By default this is the end for the handler as well.
    open func receivedEnd() {
        deliverEnd()
    }

    /// Transforms plain output; called when output is sent, with what a turn has gathered, in blocks.
    ///
    /// Write the result with ``withReservedWireOutput(_:_:)``. Plain bytes not taken are offered again by the next flush
    /// (see ``flush()``).
    /// - Parameter bytes: Plain output in order; valid during the call only.
    /// - Returns: How many bytes were taken. Less than all stops the transformation for now.
    open func transform(_ bytes: UnsafeRawBufferPointer) -> Int {
        unsafe withReservedWireOutput(bytes.count) { space in
            unsafe space.copyMemory(from: bytes)
            return bytes.count
        }
        return bytes.count
    }

    /// All plain output was taken. What has to follow it, such as a close notification, may be written now. Called by
    /// every flush.
    open func transformed() {}

    /// The handler asked for bytes again. Those that the filter kept while ``Connection/isReading`` was false may be
    /// delivered, but not from within this call.
    open func readingResumed() {}

    /// ``Connection/close()`` was called. Plain output may still be on its way, see ``transformed()``.
    open func closeOutput() {}

    /// Bytes of output the filter itself holds, counted in ``Connection/bufferedBytes``.
    open var pendingOutput: Int { 0 }

    /// Bytes for the wire that the kernel has not taken.
    public final var wireBytes: Int { wire.count }

    /// Room for plain bytes that all filters of the loop share: 64 KiB, to be used within one call. nil without a connection.
    public final var sharedBuffer: UnsafeMutableRawBufferPointer? {
        guard let loop = connection?.loop else { return nil }
        if let buffer = unsafe loop.filterBuffer { return unsafe buffer }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 64)
        unsafe loop.filterBuffer = buffer
        return unsafe buffer
    }

    /// Gives plain bytes to the handler.
    /// - Parameter bytes: Valid during the call only.
    public final func deliver(_ bytes: inout MutableRawSpan) {
        guard let connection = connection, !connection.flags.contains(.dead) else { return }
        guard !connection.flags.contains(.closing), bytes.byteCount > 0 else { return }
        connection.handler?.receive(&bytes)
    }

    /// Tells the handler that the peer ended the stream.
    public final func deliverEnd() {
        guard let connection = connection, connection.flags.isDisjoint(with: [.dead, .closing]) else { return }
        connection.handler?.receivedEnd()
    }

    /// Appends bytes for the wire that a closure writes in place.
    /// - Parameters:
    ///   - count: Most bytes the closure will write.
    ///   - body: Writes from the start of the buffer and returns how many bytes it wrote.
    public final func withReservedWireOutput(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
        guard let connection = connection, !connection.flags.contains(.dead), count > 0 else { return }
        let space = unsafe wire.reserve(count, pool: &connection.loop.pool)
        let written = unsafe body(UnsafeMutableRawBufferPointer(start: space, count: count))
        precondition(written >= 0 && written <= count, "wrote more than was reserved")
        wire.commit(written)
        connection.loop.markDirty(connection)
    }

    /// Has the connection's output transformed and sent at the end of the turn.
    public final func flush() {
        guard let connection = connection else { return }
        connection.loop.markDirty(connection)
    }

    /// Transforms the connection's plain output as far as the filter takes it.
    final func transformOutput() {
        guard let connection = connection else { return }
        while let front = unsafe connection.output.front {
            let taken = unsafe transform(front)
            precondition(taken >= 0 && taken <= front.count, "took more than was offered")
            if taken > 0 { connection.output.consume(taken, pool: &connection.loop.pool) }
            if taken < front.count { return }
        }
        // A block reserved but not written to.
        if connection.output.hasBlocks { connection.output.consume(0, pool: &connection.loop.pool) }
        transformed()
    }

    final func connectionClosed() {
        detached()
        unsafe attachedConnection = nil
    }
}
