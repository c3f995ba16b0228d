import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// More handshakes than the pool has room for: who is open notices nothing, who is not let in is told so. What can be counted
/// is checked here; StormProbe measures the times.
@Suite struct StormTests {
    private enum Answer {
        case accepted, refused, other
    }

    private func answer(_ client: TestClient) async -> Answer {
        switch await client.next() {
        case .text(let text) where text.hasSuffix(#""isAuthenticated":true}}"#): .accepted
        case .close(1013, "Too many tokens are waiting to be verified"): .refused
        default: .other
        }
    }

    @Test(arguments: [1, 2])
    func establishedAreServed(_ loops: Int) async throws {
        try await TestServer.run {
            $0.authKey = nil
            $0.authPrivateKey = AuthKeyPairTests.privateKey
            $0.authPublicKey = AuthKeyPairTests.publicKey
            $0.authAlgorithm = .ES256
            $0.authCaching = .never
            $0.authPoolLimit = 16 * loops
            $0.loops = loops
        } _: { server in
            var options = SigningOptions()
            options.algorithm = .ES256
            let token = try server.server.auth.signToken(["sub": "x"], server.server.signatureKey, options: options)
            var established: [TestClient] = []
            for _ in 0..<4 { established.append(try await server.connected(token: token)) }
            let plain = try await server.connected()
            let before = await server.server.statistics(restartingLongestTurn: true)

            // The workers are held up until everybody has come, so that the queue is full for certain.
            let gate = KeyGate(server.server)
            let newcomers = try (0..<100).map { _ in try server.client() }
            for newcomer in newcomers { try newcomer.send(TestServer.handshake(token: token)) }
            func arrived() async -> Int {
                let now = await server.server.statistics().verification
                return now.tokens + now.refused - before.verification.tokens - before.verification.refused
            }
            while await arrived() < newcomers.count { await Task.yield() }
            for (index, client) in established.enumerated() {
                try client.send(#"{"event":"echo","data":"\#(index)","cid":9}"#)
                try await client.expect(#"{"rid":9,"data":"\#(index)"}"#)
            }
            // An open socket's token has room that newcomers do not get, and its turn.
            try plain.send(##"{"event":"#authenticate","data":"\##(token)","cid":3}"##)
            gate.open()
            #expect(try await plain.text().contains(#""isAuthenticated":true"#))

            var counts: [Answer: Int] = [:]
            for newcomer in newcomers { counts[await answer(newcomer), default: 0] += 1 }
            #expect(counts[.other] == nil)
            #expect(counts[.accepted, default: 0] > 0)
            #expect(counts[.refused, default: 0] > newcomers.count / 2)
            for client in established { try await client.expectNothing() }
            let after = await server.server.statistics()
            #expect(after.verification.refused == counts[.refused])
            #expect(after.verification.waiting == 0)
            #expect(after.clients == 5 + counts[.accepted, default: 0])
            #expect(after.loops.count == loops)
            #expect(after.loops.contains { $0.longestTurnNanoseconds > 0 })
        }
    }
}
