import EventLoop
import SocketProtocol
import Synchronization

/// The event loop of clients that were given none. Started with the first of them; it ends with the process.
enum SharedLoop {
    private static let loop = Mutex<EventLoop?>(nil)

    static func get() throws(AGError) -> EventLoop {
        do {
            return try loop.withLock { loop in
                if let loop { return loop }
                var options = EventLoop.Options()
                options.name = "client"
                let started = try EventLoop(options: options)
                loop = started
                return started
            }
        } catch {
            throw .resourceLimit("No event loop could be started")
        }
    }
}
