import EventLoop
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConnectionOutputTests {
    @Test("many small writes of a turn go out in one system call")
    func gathering() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        let before = await server.loop.run { server.loop.statistics.tryWriteCalls }
        await server.loop.run {
            for value: UInt8 in 0..<200 {
                unsafe handler.connection?.withReservedOutput(8) { buffer in
                    unsafe buffer[0] = value
                    return 1
                }
            }
        }
        #expect(try peer.receive(exactly: 200) == Array(0..<200))
        #expect(await server.loop.run { server.loop.statistics.tryWriteCalls } == before + 1)
        await server.shutdown()
    }

    @Test("output of jobs that follow in the same turn is gathered too")
    func gatheringAcrossJobs() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        let loop = server.loop
        let before = await loop.run { loop.statistics.tryWriteCalls }
        loop.execute {
            handler.connection?.write(SharedBytes([1]))
            loop.execute {
                handler.connection?.write(SharedBytes([2]))
                loop.execute { handler.connection?.write(SharedBytes([3])) }
            }
        }
        #expect(try peer.receive(exactly: 3) == [1, 2, 3])
        #expect(await loop.run { loop.statistics.tryWriteCalls } == before + 1)
        await server.shutdown()
    }

    @Test("the three ways to write keep their order", arguments: [1, 100, 1024, 1025, 40_000])
    func order(size: Int) async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        await server.loop.run {
            guard let connection = handler.connection else { return }
            for round: UInt8 in 0..<10 {
                connection.write(SharedBytes([UInt8](repeating: round, count: size)))
                let array = [UInt8](repeating: round + 100, count: size)
                unsafe connection.write(array.span.bytes)
                unsafe connection.withReservedOutput(size + 10) { buffer in
                    for index in 0..<size { unsafe buffer[index] = round + 200 }
                    return size
                }
            }
        }
        let received = try peer.receive(exactly: size * 30)
        var expected: [UInt8] = []
        for round: UInt8 in 0..<10 {
            for value in [round, round + 100, round + 200] { expected += [UInt8](repeating: value, count: size) }
        }
        #expect(received == expected)
        #expect(await server.loop.run { server.loop.statistics.blocksInUse } == 0)
        await server.shutdown()
    }

    @Test("a reservation that is not used sends nothing and holds nothing")
    func emptyReservation() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect()
        await server.loop.run { unsafe handler.connection?.withReservedOutput(1000) { _ in 0 } }
        #expect(await server.loop.run { server.loop.statistics.blocksInUse } == 0)
        await server.loop.run { handler.connection?.write(SharedBytes([9])) }
        #expect(try peer.receive(exactly: 1) == [9])
        await server.shutdown()
    }

    @Test("writing more than was reserved traps")
    func overrun() async {
        await #expect(processExitsWith: .failure) {
            let server = try await Server()
            let (peer, handler) = try await server.connect()
            await server.loop.run { unsafe handler.connection?.withReservedOutput(4) { _ in 5 } }
            peer.close()
        }
    }

    @Test("output above the limit aborts the connection, counted over all layers")
    func limit() async throws {
        var options = Connection.Options()
        options.highWaterMark = 64 * 1024
        options.outputLimit = 1024 * 1024
        let server = try await Server(options: options) { handler in
            handler.onConnected = { $0.pauseReading() }
        }
        let (peer, handler) = try await server.connect(receiveBuffer: 4096)
        let loop = server.loop
        let chunk = SharedBytes([UInt8](repeating: 7, count: 10_000))
        // In many turns, so that part of it waits for the kernel.
        var isOpen = true
        while isOpen {
            isOpen = await loop.run {
                guard let connection = handler.connection, connection.isOpen else { return false }
                #expect(connection.bufferedBytes <= 1024 * 1024)
                connection.write(chunk)
                return connection.isOpen
            }
        }
        let reason = await handler.events.first {
            if case .closed = $0 { true } else { false }
        }
        #expect(reason == .closed(.outputLimitExceeded))
        #expect(await loop.run { loop.statistics.blocksInUse } == 0)
        _ = peer
        await server.shutdown()
    }

    @Test("one write above the limit is refused as well, after the kernel had its part")
    func limitAtOnce() async throws {
        var options = Connection.Options()
        options.outputLimit = 1024 * 1024
        let server = try await Server(options: options)
        let (peer, handler) = try await server.connect(receiveBuffer: 4096)
        await server.loop.run {
            let connection = handler.connection
            connection?.write(SharedBytes([UInt8](repeating: 7, count: 64 * 1024 * 1024)))
            #expect(connection?.isOpen == false)
            // Not from within write().
            #expect(handler.connection != nil)
        }
        #expect(await handler.events.next() == .closed(.outputLimitExceeded))
        _ = peer
        await server.shutdown()
    }

    @Test("writing to a peer that is gone is a close reason, no signal")
    func writeToResetPeer() async throws {
        let server = try await Server { handler in
            // The reset is not to be seen by reading.
            handler.onConnected = { $0.pauseReading() }
        }
        let (peer, handler) = try await server.connect()
        peer.reset()
        while await server.loop.run({ handler.connection != nil }) {
            await server.loop.run { handler.connection?.write(SharedBytes([1])) }
        }
        #expect(await handler.events.next() == .closed(.reset))
        #expect(await server.loop.run { server.loop.statistics.writeErrors } >= 1)
        await server.shutdown()
    }
}
