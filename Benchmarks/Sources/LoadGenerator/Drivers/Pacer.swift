import CBenchSupport
import EventLoop

/// Calls a closure at a fine, even pace: the loop's own timers are as coarse as a server needs them. A timer descriptor is
/// read like a connection.
final class Pacer: ConnectionHandler {
    /// The shortest interval, nanoseconds: what is due meanwhile goes out together.
    static let shortestInterval: UInt64 = 100_000

    private let tick: () -> Void

    /// Starts a pacer on the calling loop.
    static func start(on loop: EventLoop, intervalNanoseconds: UInt64, _ tick: @escaping () -> Void) -> Pacer? {
        let descriptor = bench_timer(max(intervalNanoseconds, shortestInterval))
        guard descriptor >= 0 else { return nil }
        let pacer = Pacer(tick)
        loop.adopt(descriptor, handler: pacer)
        return pacer
    }

    private init(_ tick: @escaping () -> Void) {
        self.tick = tick
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        tick()
    }

    func stop() {
        connection?.abort()
    }
}
