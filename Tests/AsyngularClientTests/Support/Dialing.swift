import EventLoop
import Testing
import WebSocket

@testable import AsyngularClient

/// Dials on a loop of its own and keeps what comes of it.
final class Dialing: @unchecked Sendable {
    let loop: EventLoop
    let events = EventQueue<DialEvent>()
    let socket = Locked<TestSocket?>(nil)
    private let dial = Locked<Dial?>(nil)

    init() throws {
        loop = try EventLoop()
    }

    /// Options without the deadlines that a loaded machine would meet.
    static var patient: DialOptions {
        var options = DialOptions()
        options.timeoutMilliseconds = 30_000
        options.connection.lingerTimeoutMilliseconds = 600_000
        return options
    }

    static func run(_ body: (Dialing) async throws -> Void) async throws {
        let dialing = try Dialing()
        do {
            try await body(dialing)
        } catch {
            await dialing.loop.shutdown()
            throw error
        }
        await dialing.loop.shutdown()
    }

    func dial(
        _ endpoint: ClientEndpoint,
        _ options: DialOptions = Dialing.patient,
        resolver: NameResolver = .shared,
        limits: WebSocketParser.Limits = .init(),
        configure: @escaping @Sendable (TestSocket) -> Void = { _ in }
    ) async {
        let (events, socket) = (events, socket)
        await run { loop in
            let dial = Dialer.dial(endpoint, options, on: loop, resolver: resolver) { loop in
                let made = TestSocket(loop, events, limits: limits)
                configure(made)
                socket.change { $0 = made }
                return made
            } _: { error in
                events.append(.failed(error))
            }
            #expect(dial.isPending, "something came of it within the call")
            self.dial.change { $0 = dial }
        }
    }

    /// Dials a listener's port.
    func dial(
        _ listener: ListeningPeer,
        _ options: DialOptions = Dialing.patient,
        limits: WebSocketParser.Limits = .init(),
        configure: @escaping @Sendable (TestSocket) -> Void = { _ in }
    ) async {
        let endpoint = ClientEndpoint(host: "127.0.0.1", port: listener.port, target: "/path/?a=b")
        await dial(endpoint, options, limits: limits, configure: configure)
    }

    /// A listener and both ends of a WebSocket to it.
    func open(
        _ options: DialOptions = Dialing.patient,
        limits: WebSocketParser.Limits = .init(),
        configure: @escaping @Sendable (TestSocket) -> Void = { _ in }
    ) async throws -> Peer {
        let listener = try ListeningPeer()
        await dial(listener, options, limits: limits, configure: configure)
        let peer = try listener.acceptWebSocket()
        #expect(await events.next() == .opened)
        return peer
    }

    func cancel() async {
        await run { _ in self.dial.value?.cancel() }
    }

    /// The error of a dial from which nothing else comes.
    func failure() async -> DialError? {
        let event = await events.next()
        guard case .failed(let error) = event else {
            Issue.record("not a failure: \(event)")
            return nil
        }
        #expect(await run { _ in self.dial.value?.isPending == false })
        return error
    }

    func with(_ body: @escaping @Sendable (TestSocket) -> Void) async {
        await run { _ in if let socket = self.socket.value { body(socket) } }
    }

    func run<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            loop.execute { [loop] in continuation.resume(returning: body(loop)) }
        }
    }

    /// Waits until no connection is left on the loop.
    func allClosed() async {
        while await run({ $0.statistics.activeConnections }) > 0 { await Task.yield() }
    }
}
