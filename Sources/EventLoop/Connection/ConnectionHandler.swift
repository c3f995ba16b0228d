/// What happens on a connection. Subclasses implement the protocol above the bytes.
///
/// Every method is called on the connection's loop, and never from within a call the handler makes on the connection
/// (``Connection/setHandler(_:)`` calling ``connected()`` of the new handler being the exception).
open class ConnectionHandler: TimerTarget {
    /// The connection this handler serves; nil before ``connected()`` and after ``closed(_:)``.
    @inlinable public final var connection: Connection? { unsafe attachedConnection }

    // Cleared before the connection goes away, so the reference can neither dangle nor form a cycle.
    @exclusivity(unchecked) @usableFromInline final unowned(unsafe) var attachedConnection: Connection?

    /// Creates a handler without a connection.
    public override init() {}

    /// The handler became the connection's handler.
    open func connected() {}

    /// Bytes arrived.
    /// - Parameter bytes: Valid during the call only; may be modified in place.
    open func receive(_ bytes: inout MutableRawSpan) {}

    /// The peer will send no more. Output is still possible. By default the connection is closed.
    open func receivedEnd() {
        connection?.close()
    }

    /// Buffered output rose above the high-water mark, or fell to the low-water mark after that.
    ///
    /// Told at the end of a turn, after the kernel took what it could: a burst that is sent at once is no change. A handler
    /// that produces on demand writes while ``Connection/isWritable`` is true, then waits for this call.
    /// - Parameter isWritable: True if more output is welcome.
    open func writabilityChanged(_ isWritable: Bool) {}

    /// The connection is gone. Called exactly once, as the last call.
    /// - Parameter reason: What ended it.
    open func closed(_ reason: ConnectionCloseReason) {}
}
