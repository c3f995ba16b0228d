import EventLoop
import Testing

/// What the kernel reports of several connections at once, and what becomes of it when the first of them changes the others.
@Suite(.timeLimit(.minutes(1)))
struct ConnectionEventsTests {
    private typealias Pair = (peer: Peer, handler: RecordingHandler)

    private func isClosed(_ event: RecordingHandler.Event) -> Bool {
        if case .closed = event { true } else { false }
    }

    private func connect(_ server: Server, _ count: Int) async throws -> [Pair] {
        var pairs: [Pair] = []
        for _ in 0..<count { pairs.append(try await server.connect()) }
        return pairs
    }

    /// Runs `body` while the loop stands still, so that what the peers do is reported in one turn.
    private func whileStanding(_ loop: EventLoop, _ body: () throws -> Void) async throws {
        let (stands, mayGo) = (Gate(), Gate())
        loop.execute {
            stands.open()
            mayGo.wait()
        }
        stands.wait()
        defer { mayGo.open() }
        try body()
    }

    /// Eight connections with input in one turn, whichever is first doing something to all the others.
    private func crowd(_ server: Server, _ toOthers: @escaping @Sendable (Connection) -> Void) async throws -> [Pair] {
        let pairs = try await connect(server, 8)
        let handlers = pairs.map(\.handler)
        for handler in handlers {
            await server.loop.run {
                handler.onReceive = { own, _ in
                    for other in handlers.compactMap(\.connection) where other !== own { toOthers(other) }
                }
            }
        }
        try await whileStanding(server.loop) {
            for pair in pairs { try pair.peer.send("x") }
        }
        return pairs
    }

    @Test("a connection that another one's input ends gets nothing of its own input of the same turn")
    func endedByAnother() async throws {
        let server = try await Server()
        let pairs = try await crowd(server) { $0.abort() }
        let handlers = pairs.map(\.handler)
        // Whichever is first.
        var fed = 0
        for handler in handlers {
            switch await handler.events.next() {
            case .bytes([120]): fed += 1
            case .closed(.aborted): break
            case let event: Issue.record("\(event)")
            }
        }
        #expect(fed == 1)
        await server.shutdown()
        for handler in handlers { #expect(handler.events.remaining.allSatisfy { $0 == .closed(.aborted) }) }
    }

    @Test("a connection that another one's input pauses keeps its own for later")
    func pausedByAnother() async throws {
        let server = try await Server()
        let pairs = try await crowd(server) { $0.pauseReading() }
        let handlers = pairs.map(\.handler)
        // A turn later only one of them has had its input.
        let late = try await server.connect()
        _ = late
        #expect(handlers.count { !$0.events.remaining.isEmpty } == 1)
        for pair in pairs {
            await server.loop.run {
                pair.handler.onReceive = nil
                pair.handler.connection?.resumeReading()
            }
        }
        for handler in handlers { #expect(await handler.events.next() == .bytes([120])) }
        await server.shutdown()
    }

    @Test("pausing and resuming within a turn changes nothing, however often")
    func wants() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        await server.loop.run {
            for _ in 0..<1000 {
                handler.connection?.pauseReading()
                handler.connection?.resumeReading()
            }
        }
        try peer.send("1")
        #expect(await handler.events.next() == .bytes([49]))
        await server.loop.run { handler.connection?.pauseReading() }
        try peer.send("2")
        await server.loop.run {
            handler.connection?.resumeReading()
            handler.connection?.pauseReading()
            handler.connection?.resumeReading()
        }
        #expect(await handler.events.next() == .bytes([50]))
        await server.shutdown()
    }

    @Test("connections that come and go by the hundred leave none behind")
    func comingAndGoing() async throws {
        let server = try await Server()
        for round in 0..<5 {
            let pairs = try await connect(server, 100)
            try await whileStanding(server.loop) {
                for (index, pair) in pairs.enumerated() {
                    if index % 3 == 0 { try pair.peer.send("x") }
                    if index % 2 == round % 2 { pair.peer.endOutput() }
                }
            }
            await server.loop.run {
                for pair in pairs { pair.handler.connection?.abort() }
            }
            for pair in pairs { _ = await pair.handler.events.first(where: isClosed) }
            #expect(await server.loop.run { server.loop.statistics.activeConnections } == 0)
        }
        await server.shutdown()
    }

    @Test("a reset that comes while nothing is wanted is no endless turn, and is told of later")
    func resetWhilePaused() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        await server.loop.run { handler.connection?.pauseReading() }
        peer.reset()
        let before = await server.loop.run { server.loop.statistics.turns }
        for _ in 0..<10 { await server.loop.run {} }
        // A descriptor that is watched for nothing would wake the loop without end.
        #expect(await server.loop.run { server.loop.statistics.turns } < before + 1000)
        await server.loop.run { handler.connection?.resumeReading() }
        #expect(await handler.events.next() == .closed(.reset))
        await server.shutdown()
    }
}
