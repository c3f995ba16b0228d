import EventLoop
import TLS
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TransferTests {
    @Test("megabytes go both ways at once, within the marks", arguments: [TLSVersion.tls12, .tls13])
    func large(version: TLSVersion) async throws {
        let certificates = try await Certificates.shared()
        let content = pattern(4 << 20)
        let ends = try [
            Endpoint(certificates.client { $0.maximumVersion = version }), Endpoint(certificates.server()),
        ]
        var options = Connection.Options.patient
        options.outputLimit = 8 << 20
        for end in ends {
            end.onSecured = { $0.send(content) }
            // Behind what has arrived: one turn does not take everything.
        }
        let pair = try await Pair(ends[0], ends[1], options: options)
        for end in ends { _ = try await end.outcome().get() }
        let atMost = Locked(0)
        for end in ends {
            var received: [UInt8] = []
            while received.count < content.count {
                guard case .bytes(let more) = await end.events.next() else { break }
                atMost.change { $0 = max($0, more.count) }
                received += more
            }
            #expect(received == content)
        }
        #expect(atMost.value <= 64 * 1024)
        #expect(atMost.value > 16 * 1024)
        #expect(await pair.loop.run { pair.client.connection?.bufferedBytes } == 0)
        #expect(await pair.loop.run { pair.loop.statistics.blocksInUse } == 0)
        await pair.shutdown()
    }

    @Test("a peer that does not read holds the sender back")
    func backPressure() async throws {
        let certificates = try await Certificates.shared()
        let pair = try await Pair(certificates.client(), certificates.server())
        _ = try await pair.client.outcome().get()
        _ = try await pair.server.outcome().get()
        await pair.with(pair.server) { $0.pauseReading() }
        let chunk = pattern(50_000)
        var sent = 0
        while await pair.with(pair.client, { $0.isWritable }) == true {
            await pair.with(pair.client) { $0.send(chunk) }
            sent += chunk.count
        }
        #expect((await pair.with(pair.client) { $0.bufferedBytes } ?? 0) > 256 * 1024)
        await pair.with(pair.server) { $0.resumeReading() }
        let received = await pair.server.receive(exactly: sent)
        #expect(received.count == sent)
        #expect(Array(received.prefix(50_000)) == chunk && Array(received.suffix(50_000)) == chunk)
        await pair.shutdown()
    }

    @Test("a handler that pauses gets nothing more until it resumes, in order, then the end")
    func pausing() async throws {
        let certificates = try await Certificates.shared()
        let client = Endpoint(try certificates.client())
        let server = Endpoint(try certificates.server())
        // Each delivery is the last one until the test allows the next.
        server.onReceive = { connection, _ in connection.pauseReading() }
        let content = pattern(400_000)
        client.onSecured = { connection in
            connection.send(content)
            connection.close()
        }
        let pair = try await Pair(client, server)
        _ = try await server.outcome().get()
        var received: [UInt8] = []
        while received.count < content.count {
            guard case .bytes(let more) = await server.events.next() else {
                Issue.record("the end came early")
                break
            }
            received += more
            // Turns go by, and nothing comes.
            for _ in 0..<5 { await pair.loop.run {} }
            #expect(server.events.remaining.isEmpty)
            await pair.with(server) { $0.resumeReading() }
        }
        #expect(received == content)
        #expect(await server.events.next() == .end)
        #expect(await client.end() == .local)
        await pair.shutdown()
    }

    @Test("a handler that pauses when the handshake is done gets what came with it later")
    func pausingAtOnce() async throws {
        let certificates = try await Certificates.shared()
        let client = Endpoint(try certificates.client())
        let server = Endpoint(try certificates.server())
        server.onSecured = { $0.pauseReading() }
        client.onConnected = { connection in
            connection.send(pattern(1000))
            connection.close()
        }
        let pair = try await Pair(client, server)
        _ = try await server.outcome().get()
        for _ in 0..<5 { await pair.loop.run {} }
        #expect(server.events.remaining.isEmpty)
        await pair.with(server) { $0.resumeReading() }
        #expect(await server.receive(exactly: 1000) == pattern(1000))
        #expect(await server.events.next() == .end)
        await pair.shutdown()
    }

    @Test("each direction ends by itself")
    func halfClose() async throws {
        let certificates = try await Certificates.shared()
        let client = Endpoint(try certificates.client())
        let server = Endpoint(try certificates.server())
        server.closesAtEnd = false
        client.onSecured = { $0.close() }
        let pair = try await Pair(client, server)
        _ = try await server.outcome().get()
        #expect(await server.events.next() == .end)
        // The client is closed and reads to the end only; what the server still says is dropped without harm.
        await pair.with(server) {
            $0.send(pattern(100_000))
            $0.close()
        }
        _ = await server.end()
        #expect(await client.end() == .local)
        #expect(await pair.loop.run { client.filter.failure == nil && server.filter.failure == nil })
        await pair.shutdown()
    }
}
