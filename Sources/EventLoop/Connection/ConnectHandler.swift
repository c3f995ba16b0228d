#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Stands in for the handler while a connection is being established.
final class ConnectHandler: ConnectionHandler {
    let makeHandler: @Sendable (EventLoop) -> ConnectionHandler
    let done: @Sendable (Int32) -> Void

    init(makeHandler: @escaping @Sendable (EventLoop) -> ConnectionHandler, done: @escaping @Sendable (Int32) -> Void) {
        self.makeHandler = makeHandler
        self.done = done
    }

    override func closed(_ reason: ConnectionCloseReason) {
        switch reason {
        case .error(let error): done(-error.errno)
        case .reset: done(-ECONNRESET)
        case .timedOut: done(-ETIMEDOUT)
        default: done(-ESHUTDOWN)
        }
    }
}
