import EventLoop
import SocketProtocol
import Synchronization

extension AGServer {
    /// Listens on a TCP address. Every loop has its own listening socket; the kernel spreads the connections.
    ///
    /// May be called more than once, for several addresses.
    ///
    /// - Parameters:
    ///   - host: an IP address.
    ///   - port: 0 takes any free one.
    /// - Returns: the address it listens on.
    /// - Throws: `EventLoopError`, e.g. with code `addressInUse`.
    @discardableResult
    public func listen(host: String = "127.0.0.1", port: Int = 8000) async throws(EventLoopError) -> SocketAddress {
        try await listen(on: .ip(host: host, port: port))
    }

    /// Listens on a TCP or Unix-domain address; see ``listen(host:port:)``.
    @discardableResult
    public func listen(on address: SocketAddress) async throws(EventLoopError) -> SocketAddress {
        let group = try start()
        await startKeySource()
        var connection = Connection.Options()
        connection.outputLimit = options.outputLimit
        let contexts = state.withLock { $0.contexts }
        let byLoop = Dictionary(uniqueKeysWithValues: contexts.map { (ObjectIdentifier($0.loop), $0) })
        let listener = try await Listener.bind(
            address,
            group: group,
            backlog: options.backlog,
            connectionOptions: connection
        ) { loop in
            HTTPHandler(context: byLoop[ObjectIdentifier(loop)]!)
        }
        let isFirst = state.withLock { state in
            state.listeners.append(listener)
            return state.listeners.count == 1
        }
        if isFirst { emit(.ready, ()) }
        return listener.localAddress
    }

    /// Clients should not come before the keys.
    private func startKeySource() async {
        guard let source = options.authKeySource else { return }
        let runner = state.withLock { state in
            let runner =
                state.keyRunner
                ?? KeySourceRunner(source, logger: logger) { [weak self] keys in self?.install(keys) }
            state.keyRunner = runner
            return runner
        }
        runner.start()
        if keys.verification.isPending { await runner.waitForFirstKeys() }
    }

    private func start() throws(EventLoopError) -> EventLoopGroup {
        if let group = state.withLock({ $0.group }) { return group }
        let group = try EventLoopGroup(count: options.loops)
        startPool(loops: options.loops)
        let contexts = state.withLock { state -> [LoopContext] in
            state.group = group
            state.contexts = group.loops.enumerated().map { index, loop in
                let context = LoopContext(
                    server: self,
                    loop: loop,
                    index: index,
                    handlers: state.handlers,
                    connectionHandlers: state.connectionHandlers
                )
                context.router = state.router
                return context
            }
            return state.contexts
        }
        exchange.attach(contexts)
        return group
    }

    /// Stops accepting, closes every socket with 1001, and waits until the connections are gone.
    ///
    /// - Parameter deadline: how long clients get to answer the close; what is left then is cut. 5 seconds.
    public func close(within deadline: Duration = .seconds(5)) async {
        let (listeners, contexts, group, runner) = state.withLock { state in
            defer {
                state.keyRunner = nil
                state.listeners = []
                state.contexts = []
                state.group = nil
            }
            return (state.listeners, state.contexts, state.group, state.keyRunner)
        }
        runner?.stop()
        guard let group else { return }
        for listener in listeners { await listener.close() }
        for context in contexts { context.loop.execute { context.drain(.goingAway) } }
        await waitUntilIdle(group, deadline: deadline)
        await stopPool()
        await group.shutdown()
        exchange.detach()
        hub.finish()
    }

    private func waitUntilIdle(_ group: EventLoopGroup, deadline: Duration) async {
        let end = ContinuousClock.now + deadline
        for loop in group.loops {
            while ContinuousClock.now < end {
                let active = await withCheckedContinuation { continuation in
                    loop.execute { continuation.resume(returning: loop.statistics.activeConnections) }
                }
                if active == 0 { break }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}
