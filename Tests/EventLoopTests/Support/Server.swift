import EventLoop
import Synchronization
import Testing

/// A listener on one loop whose handlers the test gets hold of.
final class Server: Sendable {
    let group: EventLoopGroup
    let listener: Listener
    let handlers = EventQueue<RecordingHandler>()

    var loop: EventLoop { group.loops[0] }

    init(
        _ address: SocketAddress = .ip(host: "127.0.0.1", port: 0),
        loops: Int = 1,
        loopOptions: EventLoop.Options = .init(),
        options: Connection.Options = .patient,
        configure: @escaping @Sendable (RecordingHandler) -> Void = { _ in }
    ) async throws {
        group = try EventLoopGroup(count: loops, options: loopOptions)
        let handlers = handlers
        listener = try await Listener.bind(address, group: group, connectionOptions: options) { _ in
            let handler = RecordingHandler()
            configure(handler)
            handlers.append(handler)
            return handler
        }
    }

    /// A connected pair: the peer's socket and the loop's handler.
    func connect(receiveBuffer: Int32? = nil) async throws -> (peer: Peer, handler: RecordingHandler) {
        let peer = try Peer(listener.localAddress, receiveBuffer: receiveBuffer)
        let handler = await handlers.next()
        let first = await handler.events.next()
        #expect(first == .connected)
        return (peer, handler)
    }

    func shutdown() async {
        await group.shutdown()
    }
}

extension Connection.Options {
    /// Without the deadlines of a close, which a loaded machine would meet.
    static var patient: Self {
        var options = Self()
        options.lingerTimeoutMilliseconds = 600_000
        options.flushTimeoutMilliseconds = 600_000
        return options
    }
}

extension EventLoop {
    /// Runs a closure on the loop and awaits its result.
    func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            execute { continuation.resume(returning: body()) }
        }
    }
}
