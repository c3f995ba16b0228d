#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Stands in for the handler while a connection is being established.
final class ConnectHandler: ConnectionHandler {
    let makeHandler: (EventLoop) -> ConnectionHandler
    let done: (Int32) -> Void

    init(makeHandler: @escaping (EventLoop) -> ConnectionHandler, done: @escaping (Int32) -> Void) {
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
