import JSONWebToken
import MetricsTestKit
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// What a server counts, over real sockets.
@Suite struct MetricsTests {
    private func run(
        _ configure: (inout AGServerOptions) -> Void = { _ in },
        _ body: (TestServer, TestMetrics) async throws -> Void
    ) async throws {
        let metrics = TestMetrics()
        try await TestServer.run {
            $0.metrics = metrics
            configure(&$0)
        } _: {
            try await body($0, metrics)
        }
    }

    private func handshake(_ server: TestServer, _ token: String) async throws {
        _ = try await server.handshake(try server.client(), token: token)
    }

    private func verifications(_ metrics: TestMetrics, _ algorithm: String, _ outcome: String) -> Int64 {
        metrics.counterTotal(
            label: "asyngular.auth.verifications",
            dimensions: [("algorithm", algorithm), ("outcome", outcome)]
        )
    }

    private func handshakes(_ metrics: TestMetrics, _ outcome: String) -> Int64 {
        metrics.counterTotal(label: "asyngular.handshakes", dimensions: [("outcome", outcome)])
    }

    @Test(arguments: AGAuthScheduling.tested)
    func verifications(_ scheduling: AGAuthScheduling) async throws {
        try await run {
            $0.authScheduling = scheduling
        } _: { server, metrics in
            try await handshake(server, "\"\(HandshakeRow.valid)\"")
            try await handshake(server, "\"\(HandshakeRow.valid)\"")
            try await handshake(server, "\"\(ForgedToken.make(payload: #"{"exp":1767225600}"#))\"")
            try await handshake(server, "\"\(ForgedToken.make(payload: #"{"nbf":4102444800}"#))\"")
            try await handshake(server, "\"\(ForgedToken.make(payload: "{}", key: "another"))\"")
            try await handshake(server, "\"\(ForgedToken.make(header: #"{"alg":"none"}"#, payload: "{}"))\"")
            try await handshake(server, #""abc""#)
            try await handshake(server, "null")
            #expect(verifications(metrics, "HS256", "accepted") == 2)
            #expect(verifications(metrics, "HS256", "expired") == 1)
            #expect(verifications(metrics, "HS256", "not_active") == 1)
            #expect(verifications(metrics, "HS256", "invalid") == 1)
            #expect(verifications(metrics, "none", "invalid") == 2)
            #expect(metrics.counterTotal(label: "asyngular.auth.verifications") == 7)
            #expect(handshakes(metrics, "authenticated") == 2)
            #expect(handshakes(metrics, "token_refused") == 5)
            #expect(handshakes(metrics, "anonymous") == 1)
            let depth = try metrics.expectMeter("asyngular.auth.queue.depth").values
            let waits = try metrics.expectTimer("asyngular.auth.queue.wait").values
            #expect(waits.count == (scheduling == .offloaded ? 7 : 0))
            #expect(waits.allSatisfy { $0 >= 0 && $0 < 60_000_000_000 })
            #expect((depth.last ?? 0) == 0)
            #expect((depth.max() ?? 0) == (scheduling == .offloaded ? 1 : 0))
        }
    }

    @Test func stateAndConnections() async throws {
        try await run { server, metrics in
            let (client, socket) = try await server.pair(token: HandshakeRow.valid)
            let (_, _) = try await server.pair()
            #expect(try metrics.expectMeter("asyngular.connections").lastValue == 2)
            try await socket.run { try $0.setAuthToken(["username": "bob"]) }
            await socket.deauthenticate()
            client.drop()
            await server.wait(for: "end")
            #expect(try metrics.expectMeter("asyngular.connections").lastValue == 1)
            let changes = "asyngular.auth.state_changes"
            #expect(metrics.counterTotal(label: changes, dimensions: [("to", "authenticated")]) == 1)
            #expect(metrics.counterTotal(label: changes, dimensions: [("to", "unauthenticated")]) == 1)
        }
    }

    @Test func cache() async throws {
        try await run {
            $0.authCaching = .always
        } _: { server, metrics in
            for _ in 0..<3 { try await handshake(server, "\"\(HandshakeRow.valid)\"") }
            #expect(metrics.counterTotal(label: "asyngular.auth.cache", dimensions: [("result", "hit")]) == 2)
            #expect(metrics.counterTotal(label: "asyngular.auth.cache", dimensions: [("result", "miss")]) == 1)
        }
    }

    @Test func handshakesThatFail() async throws {
        let filter = AGActionFilter(for: [.handshakeSC]) { _ in .block(AGError(message: "no")) }
        try await run {
            $0.actionFilter = filter
        } _: { server, metrics in
            let client = try server.client()
            try client.send(TestServer.handshake())
            _ = await client.close()
            #expect(handshakes(metrics, "rejected") == 1)
            #expect(metrics.counterTotal(label: "asyngular.handshakes") == 1)
        }
        try await run {
            $0.handshakeTimeout = 50
        } _: { server, metrics in
            _ = try server.client()
            await server.wait(for: "end")
            let gone = try server.client()
            gone.drop()
            await server.wait(for: "end", count: 2)
            #expect(handshakes(metrics, "timed_out") == 1)
            #expect(handshakes(metrics, "aborted") == 1)
        }
        try await run {
            $0.authScheduling = .offloaded
            $0.authPoolLimit = 1
        } _: { server, metrics in
            let gate = KeyGate(server.server)
            let first = try server.client()
            try first.send(TestServer.handshake(token: HandshakeRow.valid))
            while server.server.pool?.counters.snapshot.waiting == 0 { await server.onLoop { _ in } }
            let second = try server.client()
            try second.send(TestServer.handshake(token: HandshakeRow.valid))
            _ = await second.close()
            gate.open()
            _ = try await first.text()
            #expect(handshakes(metrics, "try_again_later") == 1)
            #expect(handshakes(metrics, "authenticated") == 1)
            #expect(metrics.counterTotal(label: "asyngular.auth.queue.refused") == 1)
        }
    }

    @Test func refusedUpgrades() async throws {
        try await run {
            $0.origins = "example.com:443"
        } _: { server, metrics in
            for (path, origin) in [("/elsewhere", "https://example.com"), ("/socketcluster/", "https://evil.test")] {
                _ = try? server.client(path: path, headers: ["Origin: \(origin)"])
            }
            _ = try server.client(headers: ["Origin: https://example.com"])
            #expect(metrics.counterTotal(label: "asyngular.upgrades.refused") == 2)
            #expect(
                metrics.counterTotal(label: "asyngular.upgrades.refused", dimensions: [("status", "403")]) == 1
            )
        }
    }

    /// Every series is there from the start, and no event adds one.
    @Test func seriesAreMadeOnce() async throws {
        try await run { server, metrics in
            let before = metrics.counters.count
            try await handshake(server, "\"\(HandshakeRow.valid)\"")
            try await handshake(server, "\"\(ForgedToken.make(header: #"{"alg":"evil\n"}"#, payload: "{}"))\"")
            _ = try? server.client(path: "/elsewhere")
            #expect(metrics.counters.count == before)
            #expect(before == 15 * 5 + 7 + 2 + 2 + 1 + 11)
        }
    }
}
