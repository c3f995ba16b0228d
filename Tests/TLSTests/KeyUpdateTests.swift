import EventLoop
import Testing

@testable import TLS

@Suite(.timeLimit(.minutes(1)))
struct KeyUpdateTests {
    @Test("a key that has served for long is replaced, and the peer follows", arguments: [TLSVersion.tls12, .tls13])
    func renewed(version: TLSVersion) async throws {
        let certificates = try await Certificates.shared()
        let client = Endpoint(try certificates.client { $0.maximumVersion = version })
        let server = Endpoint(try certificates.server())
        // A record for each key, both ways.
        client.onConnected = { _ in client.filter.recordsPerKey = 1 }
        server.onConnected = { _ in server.filter.recordsPerKey = 1 }
        server.onReceive = { connection, bytes in connection.write(bytes.bytes) }
        let pair = try await Pair(client, server)
        _ = try await client.outcome().get()
        var wire: [UInt64] = []
        for round in 0..<10 {
            await pair.with(client) { $0.send(pattern(100 + round)) }
            #expect(await client.receive(exactly: 100 + round) == pattern(100 + round))
            wire.append(await pair.loop.run { pair.loop.statistics.bytesOut })
        }
        // Every second message brings a key update with it, each way, if there is one.
        let grown = zip(wire.dropFirst(), wire).map { Int($0 - $1) }
        let differences = Set(zip(grown.dropFirst(), grown).map { abs($0 - $1) })
        #expect(differences.contains { $0 > 20 } == (version == .tls13))
        #expect(await pair.loop.run { client.filter.failure == nil && server.filter.failure == nil })
        await pair.shutdown()
    }
}
