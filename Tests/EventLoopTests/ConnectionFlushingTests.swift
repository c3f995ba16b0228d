import EventLoop
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConnectionFlushingTests {
    @Test("a slow reader gets everything, when the kernel takes it")
    func slowReader() async throws {
        let server = try await Server { handler in
            handler.recordsBytes = false
        }
        let (peer, handler) = try await server.connect(receiveBuffer: 8192)
        let loop = server.loop
        let total = 6 * 1024 * 1024
        let content = (0..<total).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 11) }
        await loop.run {
            guard let connection = handler.connection else { return }
            var position = 0
            var size = 1
            while position < total {
                let end = min(position + size, total)
                if size % 3 == 0 {
                    connection.write(SharedBytes(Array(content[position..<end])))
                } else {
                    unsafe connection.write(content.span.extracting(position..<end).bytes)
                }
                position = end
                size = size * 2 % 40_009 + 1
            }
            #expect(connection.bufferedBytes > 0)
            #expect(!connection.isWritable)
        }
        #expect(await loop.run { loop.statistics.queuedWrites } >= 1)
        let received = try peer.receive(exactly: total)
        #expect(received == content)
        #expect(await handler.events.first { $0 == .writable(true) } == .writable(true))
        let statistics = await loop.run { loop.statistics }
        #expect(statistics.bytesOut == UInt64(total))
        #expect(statistics.blocksInUse == 0)
        #expect(await loop.run { handler.connection?.bufferedBytes } == 0)
        await server.shutdown()
    }

    @Test("what is written while a write is in flight follows it")
    func behindInFlight() async throws {
        let server = try await Server()
        let (peer, handler) = try await server.connect(receiveBuffer: 4096)
        let loop = server.loop
        await loop.run { handler.connection?.write(SharedBytes([UInt8](repeating: 1, count: 8 * 1024 * 1024))) }
        #expect(await loop.run { loop.statistics.queuedWrites } == 1)
        for value: UInt8 in 2..<50 {
            await loop.run { unsafe handler.connection?.write([UInt8](repeating: value, count: 1000).span.bytes) }
        }
        _ = try peer.receive(exactly: 8 * 1024 * 1024)
        let rest = try peer.receive(exactly: 48_000)
        #expect(rest == (2..<50).flatMap { [UInt8](repeating: UInt8($0), count: 1000) })
        await server.shutdown()
    }

    @Test("the high and low water marks are told once each")
    func waterMarks() async throws {
        var options = Connection.Options()
        options.highWaterMark = 100_000
        options.lowWaterMark = 10_000
        let server = try await Server(options: options)
        let (peer, handler) = try await server.connect(receiveBuffer: 4096)
        let loop = server.loop
        await loop.run { handler.connection?.write(SharedBytes([UInt8](repeating: 1, count: 8 * 1024 * 1024))) }
        #expect(await handler.events.next() == .writable(false))
        #expect(await loop.run { handler.connection?.isWritable } == false)
        _ = try peer.receive(exactly: 8 * 1024 * 1024)
        #expect(await handler.events.next() == .writable(true))
        #expect(await loop.run { handler.connection?.isWritable } == true)
        await server.shutdown()
        #expect(handler.events.remaining == [.closed(.aborted)])
    }

    @Test("a burst that the kernel takes whole is no change of writability")
    func burst() async throws {
        var options = Connection.Options()
        options.highWaterMark = 1000
        options.lowWaterMark = 100
        let server = try await Server(options: options)
        let (peer, handler) = try await server.connect()
        await server.loop.run {
            for _ in 0..<20 { handler.connection?.write(SharedBytes([UInt8](repeating: 1, count: 500))) }
            #expect(handler.connection?.isWritable == true)
        }
        _ = try peer.receive(exactly: 10_000)
        await server.shutdown()
        #expect(handler.events.remaining == [.closed(.aborted)])
    }

    @Test("a handler that writes whenever it may does not hold the loop")
    func pump() async throws {
        var options = Connection.Options()
        options.highWaterMark = 1000
        options.lowWaterMark = 1000
        // More than the kernel buffers, so that every write is followed by a change of writability.
        let chunk = SharedBytes([UInt8](repeating: 1, count: 8 * 1024 * 1024))
        let server = try await Server(options: options) { handler in
            handler.onWritable = { connection, isWritable in
                if isWritable { connection.write(chunk) }
            }
        }
        let (peer, handler) = try await server.connect(receiveBuffer: 65536)
        await server.loop.run { handler.connection?.write(chunk) }
        _ = try peer.receive(exactly: 20 * 1024 * 1024)
        // The loop still answers others.
        let other = try await server.connect()
        try other.peer.send("x")
        #expect(await other.handler.events.next() == .bytes([120]))
        await server.shutdown()
    }
}
