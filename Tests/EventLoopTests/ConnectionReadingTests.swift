import EventLoop
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConnectionReadingTests {
    @Test("nothing is delivered while reading is paused, and nothing is lost")
    func pause() async throws {
        let server = try await Server { handler in
            handler.onReceive = { connection, _ in connection.pauseReading() }
        }
        let (peer, handler) = try await server.connect()
        try peer.send("1")
        #expect(await handler.events.next() == .bytes([49]))
        try peer.send("2")
        // A turn with the bytes waiting in the kernel delivers none of them.
        #expect(await server.loop.run { handler.connection?.isReading } == false)
        let other = try await server.connect()
        try other.peer.send("x")
        #expect(await other.handler.events.next() == .bytes([120]))
        #expect(handler.events.remaining.isEmpty)
        await server.loop.run { handler.connection?.resumeReading() }
        #expect(await handler.events.next() == .bytes([50]))
        await server.shutdown()
    }

    @Test("pausing in connected() holds from the first byte")
    func pauseFromTheStart() async throws {
        let server = try await Server { handler in
            handler.onConnected = { $0.pauseReading() }
        }
        let (peer, handler) = try await server.connect()
        try peer.send("1")
        let other = try await server.connect()
        _ = other
        #expect(handler.events.remaining.isEmpty)
        await server.loop.run { handler.connection?.resumeReading() }
        #expect(await handler.events.next() == .bytes([49]))
        await server.shutdown()
    }

    /// What the patient ones are read from in one turn that has no time left, and what all others are.
    @Test("patient connections wait for a turn with time left, the others do not, and nobody waits for ever")
    func patience() async throws {
        let reads = EventQueue<(turn: UInt64, isPatient: Bool, isHurried: Bool)>()
        let server = try await Server { handler in
            handler.onReceive = { connection, bytes in
                let isPatient = unsafe bytes.unsafeLoad(as: UInt8.self) == 1
                reads.append((connection.loop.statistics.turns, isPatient, connection.loop.isHurried))
                // Longer than a turn has patience for.
                let end = ContinuousClock.now + .milliseconds(1)
                while ContinuousClock.now < end {}
            }
        }
        var peers: [(peer: Peer, isPatient: Bool)] = []
        for index in 0..<44 {
            let (peer, handler) = try await server.connect()
            let isPatient = index % 11 != 0
            if isPatient { await server.loop.run { handler.connection?.setPatient(true) } }
            peers.append((peer, isPatient))
        }
        // The loop is held until everything has been sent, so that it finds it all in one turn.
        let gate = Gate()
        await withCheckedContinuation { held in
            server.loop.execute {
                held.resume()
                gate.wait()
            }
        }
        for (peer, isPatient) in peers { try peer.send(isPatient ? [1] : [0]) }
        gate.open()
        var turns: [UInt64: (patient: Int, other: Int, isHurried: Bool)] = [:]
        for _ in peers {
            let read = await reads.next()
            turns[read.turn, default: (0, 0, read.isHurried)].patient += read.isPatient ? 1 : 0
            turns[read.turn, default: (0, 0, read.isHurried)].other += read.isPatient ? 0 : 1
        }
        let first = try #require(turns.keys.min())
        #expect(turns[first]?.other == 4)
        #expect(turns.values.allSatisfy { $0.patient <= ($0.isHurried ? 2 : 8) })
        // Those that the first turn read from are not patient.
        #expect(turns.values.contains { $0.isHurried && $0.patient == 2 })
        #expect(turns.count >= 5)
        await server.shutdown()
    }

    @Test("a connection with much to read gets one full buffer a turn, so that the others get theirs")
    func fairness() async throws {
        var options = EventLoop.Options()
        options.receiveBufferSize = 4096
        let turns = EventQueue<(turn: UInt64, count: Int)>()
        let server = try await Server(loopOptions: options) { handler in
            handler.recordsBytes = false
            handler.onReceive = { connection, bytes in
                turns.append((connection.loop.statistics.turns, bytes.byteCount))
            }
        }
        let (peer, _) = try await server.connect()
        let total = 64 * 4096
        try peer.send([UInt8](repeating: 1, count: total))
        var received = 0
        var lastFull: UInt64?
        while received < total {
            let part = await turns.next()
            received += part.count
            #expect(part.turn != lastFull, "two reads in one turn after a full buffer")
            lastFull = part.count == 4096 ? part.turn : nil
        }
        await server.shutdown()
    }

    @Test("more than the receive buffer arrives in order")
    func large() async throws {
        var options = EventLoop.Options()
        options.receiveBufferSize = 4096
        let received = EventQueue<[UInt8]>()
        let server = try await Server(loopOptions: options) { handler in
            handler.recordsBytes = false
            handler.onReceive = { _, bytes in received.append(bytes.copied()) }
        }
        let (peer, _) = try await server.connect()
        let sent = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try peer.send(sent)
        var all: [UInt8] = []
        while all.count < sent.count {
            let part = await received.next()
            #expect(part.count <= 4096)
            all += part
        }
        #expect(all == sent)
        await server.shutdown()
    }

    @Test("a peer that ended its side still gets output")
    func peerHalfClose() async throws {
        let server = try await Server { handler in
            handler.onEnd = { connection in
                connection.write(SharedBytes(Array("answer".utf8)))
            }
        }
        let (peer, handler) = try await server.connect()
        try peer.send("question")
        peer.endOutput()
        #expect(try peer.receive(exactly: 6) == Array("answer".utf8))
        #expect(await handler.events.first { $0 == .end } == .end)
        // Long after the end: the connection stays until this side closes.
        await server.loop.run { handler.connection?.write(SharedBytes(Array("more".utf8))) }
        #expect(try peer.receive(exactly: 4) == Array("more".utf8))
        await server.loop.run { handler.connection?.close() }
        #expect(try peer.receiveToEnd().isEmpty)
        #expect(await handler.events.next() == .closed(.peerEnded))
        await server.shutdown()
    }

    @Test("a reset by the peer is the reason of the close")
    func peerReset() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        peer.reset()
        #expect(await handler.events.next() == .closed(.reset))
        #expect(await server.loop.run { server.loop.statistics.readErrors } == 1)
        await server.shutdown()
    }

    @Test("a handler that aborts while receiving gets nothing more")
    func abortWhileReceiving() async throws {
        var options = EventLoop.Options()
        options.receiveBufferSize = 4096
        let server = try await Server(loopOptions: options) { handler in
            handler.onReceive = { [unowned handler] connection, _ in
                connection.abort()
                // Not from within abort().
                #expect(handler.events.remaining.allSatisfy { $0 != .closed(.aborted) })
            }
        }
        let (peer, handler) = try await server.connect()
        try peer.send([UInt8](repeating: 1, count: 20_000))
        guard case .bytes = await handler.events.next() else {
            Issue.record("expected bytes")
            return
        }
        #expect(await handler.events.next() == .closed(.aborted))
        #expect(throws: Peer.Failure(errno: 104)) { try peer.receive() }
        await server.shutdown()
        #expect(handler.events.remaining.isEmpty)
    }
}
