import EventLoop
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConnectionClosingTests {
    private func isClosed(_ event: RecordingHandler.Event) -> Bool {
        if case .closed = event { true } else { false }
    }

    @Test("a graceful close sends everything first", arguments: [0, 1, 100_000, 8 * 1024 * 1024])
    func flushes(size: Int) async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect(receiveBuffer: 8192)
        await server.loop.run {
            let connection = handler.connection
            connection?.write(SharedBytes([UInt8](repeating: 5, count: size)))
            connection?.close()
            #expect(connection?.isOpen == false)
            // Not accepted any more.
            connection?.write(SharedBytes([1]))
            unsafe connection?.withReservedOutput(1) { _ in 1 }
            connection?.close()
        }
        #expect(try peer.receiveToEnd() == [UInt8](repeating: 5, count: size))
        peer.endOutput()
        #expect(await handler.events.first(where: isClosed) == .closed(.local))
        #expect(await server.loop.run { server.loop.statistics.blocksInUse } == 0)
        await server.shutdown()
    }

    @Test("after close() the handler gets nothing but the end, and the peer is no reset")
    func discards() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        await server.loop.run { handler.connection?.close() }
        #expect(try peer.receive().isEmpty)
        try peer.send([UInt8](repeating: 1, count: 100_000))
        peer.endOutput()
        #expect(await handler.events.next() == .closed(.local))
        await server.shutdown()
        #expect(handler.events.remaining.isEmpty)
    }

    @Test("close() works while reading is paused")
    func closePaused() async throws {
        let server = try await Server { handler in
            handler.onConnected = { $0.pauseReading() }
        }
        let (peer, handler) = try await server.connect()
        try peer.send("unread")
        await server.loop.run { handler.connection?.close() }
        #expect(try peer.receive().isEmpty)
        peer.endOutput()
        #expect(await handler.events.next() == .closed(.local))
        await server.shutdown()
    }

    @Test("a peer that does not end its side is waited for no longer than the linger time")
    func linger() async throws {
        var options = Connection.Options()
        options.lingerTimeoutMilliseconds = 50
        let server = try await Server(options: options)
        let (peer, handler) = try await server.connect()
        let clock = ContinuousClock()
        let began = clock.now
        await server.loop.run {
            handler.connection?.write(SharedBytes([1]))
            handler.connection?.close()
        }
        #expect(await handler.events.next() == .closed(.local))
        #expect(clock.now - began >= .milliseconds(50))
        #expect(try peer.receiveToEnd() == [1])
        await server.shutdown()
    }

    @Test("without a linger time the connection is closed as soon as everything is sent")
    func noLinger() async throws {
        var options = Connection.Options()
        options.lingerTimeoutMilliseconds = 0
        let server = try await Server(options: options)
        let (peer, handler) = try await server.connect()
        await server.loop.run {
            handler.connection?.write(SharedBytes([1]))
            handler.connection?.close()
        }
        #expect(await handler.events.next() == .closed(.local))
        #expect(try peer.receiveToEnd() == [1])
        await server.shutdown()
    }

    @Test("a peer that takes nothing of the output is given up on")
    func stalled() async throws {
        var options = Connection.Options()
        options.lingerTimeoutMilliseconds = 50
        let server = try await Server(options: options)
        let (peer, handler) = try await server.connect(receiveBuffer: 4096)
        await server.loop.run {
            handler.connection?.write(SharedBytes([UInt8](repeating: 1, count: 8 * 1024 * 1024)))
            handler.connection?.close()
        }
        #expect(await handler.events.first(where: isClosed) == .closed(.timedOut))
        #expect(await server.loop.run { server.loop.statistics.blocksInUse } == 0)
        _ = peer
        await server.shutdown()
    }

    @Test("abort() resets, discards output and is not heard of from within")
    func abort() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect(receiveBuffer: 4096)
        await server.loop.run {
            let connection = handler.connection
            connection?.write(SharedBytes([UInt8](repeating: 1, count: 8 * 1024 * 1024)))
            connection?.abort()
            connection?.abort()
            connection?.close()
            #expect(connection?.isOpen == false)
            #expect(handler.events.remaining.isEmpty)
        }
        #expect(await handler.events.next() == .closed(.aborted))
        #expect(throws: Peer.Failure(errno: 104)) { try peer.receiveToEnd() }
        #expect(await server.loop.run { server.loop.statistics.blocksInUse } == 0)
        await server.shutdown()
        #expect(handler.events.remaining.isEmpty)
    }

    @Test("abort() ends a graceful close that is under way")
    func abortWhileClosing() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        await server.loop.run { handler.connection?.close() }
        #expect(try peer.receive().isEmpty)
        let connection = await server.loop.run { handler.connection }
        await server.loop.run { connection?.abort() }
        #expect(await handler.events.next() == .closed(.aborted))
        await server.shutdown()
    }

    @Test("both ends close at once")
    func simultaneous() async throws {
        let server = try await Server { handler in
            handler.onReceive = { connection, _ in connection.close() }
        }
        let (peer, handler) = try await server.connect()
        try peer.send("x")
        peer.endOutput()
        #expect(try peer.receiveToEnd().isEmpty)
        #expect(await handler.events.first(where: isClosed) == .closed(.local))
        await server.shutdown()
    }

    @Test("a reset during a graceful close is a reset")
    func resetWhileClosing() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        await server.loop.run { handler.connection?.close() }
        #expect(try peer.receive().isEmpty)
        peer.reset()
        #expect(await handler.events.next() == .closed(.reset))
        await server.shutdown()
    }

    @Test("closed() may write to and close other connections")
    func closedActsOnOthers() async throws {
        let server = try await Server()
        let first = try await server.connect()
        let second = try await server.connect()
        await server.loop.run {
            first.handler.onClosed = { _ in
                second.handler.connection?.write(SharedBytes([1]))
                second.handler.connection?.close()
            }
        }
        first.peer.close()
        #expect(try second.peer.receiveToEnd() == [1])
        second.peer.close()
        #expect(await second.handler.events.next() == .closed(.local))
        await server.shutdown()
    }

    @Test("a connection that dies in its last callback's turn while it waits to be flushed is no longer flushed")
    func dirtyAndClosed() async throws {
        let server = try await Server()
        let first = try await server.connect()
        let second = try await server.connect()
        await server.loop.run {
            let doomed = second.handler.connection
            first.handler.onClosed = { _ in
                // Both handles close in this turn; this one's callback runs first and makes the other one dirty.
                doomed?.write(SharedBytes([1]))
            }
            first.handler.connection?.abort()
            second.handler.connection?.write(SharedBytes([2]))
            second.handler.connection?.abort()
        }
        #expect(await second.handler.events.next() == .closed(.aborted))
        #expect(await server.loop.run { server.loop.statistics.blocksInUse } == 0)
        await server.shutdown()
    }
}
