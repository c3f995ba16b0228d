import EventLoop
import TLS
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SplitTests {
    enum Pieces: Sendable {
        case of(Int)
        case random(UInt64)

        /// The sizes, one after the other.
        func sizes() -> @Sendable () -> Int {
            switch self {
            case .of(let size): return { size }
            case .random(let seed):
                let state = Locked(seed)
                return {
                    state.change { $0 = $0 &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
                    let value = state.value
                    return 1 + Int(value >> 33) % (1 << Int(value >> 60))
                }
            }
        }
    }

    @Test(
        "the same happens however the bytes arrive",
        arguments: [
            Pieces.of(1), .of(2), .of(3), .of(5), .of(6), .of(100), .of(4096), .of(65536), .random(1), .random(2),
            .random(3), .random(4),
        ],
        [TLSVersion.tls12, .tls13]
    )
    func pieces(pieces: Pieces, version: TLSVersion) async throws {
        let certificates = try await Certificates.shared()
        let client = Endpoint(
            try certificates.client {
                $0.maximumVersion = version
                $0.identity = certificates.identity("client")
            }
        )
        let server = Endpoint(try certificates.server { $0.clientCertificates = .required })
        // A record that fits and one that does not, and an empty hand between them.
        let small = pattern(700)
        let large: Int
        if case .of(let size) = pieces, size < 100 { large = 1500 } else { large = 40_000 }
        let content = pattern(large)
        client.onSecured = { connection in
            connection.send(small)
            connection.send(content)
        }
        let received = Locked(0)
        server.onReceive = { connection, bytes in
            connection.write(bytes.bytes)
            let count = bytes.byteCount
            received.change { $0 += count }
            if received.value == 700 + large { connection.close() }
        }
        let loop = try EventLoop()
        let relay = try await Relay(client, server, on: loop, size: pieces.sizes())
        #expect(try await client.outcome().get().version == version)
        _ = try await server.outcome().get()
        #expect(await server.receive(exactly: small.count + large) == small + content)
        #expect(await client.receive(exactly: small.count + large) == small + content)
        #expect(await client.events.next() == .end)
        _ = await client.end()
        #expect(await server.end() == .local)
        await relay.end()
        #expect(await loop.run { client.filter.failure == nil && server.filter.failure == nil })
        #expect(await loop.run { loop.statistics.blocksInUse } == 0)
        await loop.shutdown()
    }

    @Test("wherever the stream is cut, it is told apart from an end")
    func cuts() async throws {
        let certificates = try await Certificates.shared()
        let context = try certificates.client { $0.resumesSessions = false }
        let serverContext = try certificates.server { $0.resumesSessions = false }
        var outcomes: Set<TLSError.Code?> = []
        // A client's side of a connection is about 600 bytes: cut everywhere, and behind everything.
        for limit in Array(stride(from: 1, through: 760, by: 11)) + [.max] {
            let client = Endpoint(context)
            let server = Endpoint(serverContext)
            client.onSecured = { connection in
                connection.send(pattern(100))
                connection.close()
            }
            let loop = try EventLoop()
            let relay = try await Relay(client, server, on: loop, limit: limit) { 10_000 }
            let outcome = await server.outcome()
            let reason = await server.end()
            let failed = await loop.run { server.filter.failure }
            await loop.run { client.connection?.abort() }
            await relay.end()
            if case .failure(let error) = outcome {
                #expect(error.code == .closed)
                #expect(failed == error)
            } else if let failed {
                #expect(failed.code == .truncated)
                #expect(reason == .aborted)
            }
            outcomes.insert(failed?.code)
            if limit == .max { #expect(failed == nil) }
            await loop.shutdown()
        }
        #expect(outcomes == [nil, .closed, .truncated])
    }
}
