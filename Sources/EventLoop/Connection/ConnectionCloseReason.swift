/// Why a connection ended.
public enum ConnectionCloseReason: Sendable, Equatable {
    /// This side called ``Connection/close()`` first, and everything written before it was sent.
    case local
    /// This side called ``Connection/abort()``, or the loop shut down.
    case aborted
    /// The peer ended its side first, then this side closed.
    case peerEnded
    /// The peer reset the connection, or was gone when this side wrote.
    case reset
    /// The peer did not take the output within the time ``Connection/close()`` allows, or the kernel gave up on it.
    case timedOut
    /// More output was waiting than ``Connection/Options/outputLimit``.
    case outputLimitExceeded
    /// Any other failure of the socket.
    case error(EventLoopError)
}
