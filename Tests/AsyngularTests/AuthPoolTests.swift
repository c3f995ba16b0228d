import EventLoop
import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// The queues of the verification pool: limits, turns, the end.
@Suite struct AuthPoolTests {
    /// Tokens whose results nobody waits for: the ticket is no socket's.
    private func jobs(_ count: Int, _ socket: AGServerSocket, ticket: UInt32 = .max) -> [VerificationJob] {
        Array(
            repeating: VerificationJob(
                token: Array(HandshakeRow.valid.utf8),
                socket: socket,
                ticket: ticket,
                lane: .newcomer
            ),
            count: count
        )
    }

    private func pool(_ server: TestServer, loops: Int = 1, workers: Int = 0) -> VerificationPool {
        VerificationPool(
            workers: workers,
            loops: loops,
            keys: server.server.keys,
            policy: server.server.settings.policy,
            metrics: server.server.metrics
        )
    }

    private func batch(_ jobs: [VerificationJob]) -> VerificationPool.Batch {
        VerificationPool.Batch(jobs: jobs, owner: jobs[0].socket.context.verification)
    }

    /// A loop with much to verify does not make another wait for all of it.
    @Test func loopsTakeTurns() async throws {
        try await TestServer.run { server in
            let (_, socket) = try await server.pair()
            let pool = pool(server, loops: 3)
            for (ticket, lane) in [(1, 0), (2, 0), (3, 0), (10, 1), (20, 2), (11, 1)] {
                #expect(pool.submit(batch(jobs(1, socket, ticket: UInt32(ticket))), lane: lane))
            }
            var order: [UInt32] = []
            while let batch = pool.takeBatch() { order.append(batch.jobs[0].ticket) }
            #expect(order == [1, 10, 20, 2, 11, 3])
        }
    }

    @Test func stopped() async throws {
        try await TestServer.run { server in
            let (_, socket) = try await server.pair()
            let pool = pool(server, workers: 2)
            await pool.shutdown()
            await pool.shutdown()
            #expect(!pool.submit(batch(jobs(2, socket)), lane: 0))
            #expect(pool.counters.snapshot == .init())
            #expect(pool.takeBatch() == nil)
        }
    }

    /// Stopping with batches queued lets go of them and of their sockets.
    @Test func stoppedWithWorkLeft() async throws {
        try await TestServer.run { server in
            let (_, socket) = try await server.pair()
            weak var released: VerificationPool?
            do {
                let pool = pool(server)
                released = pool
                #expect(pool.submit(batch(jobs(3, socket)), lane: 0))
                await pool.shutdown()
                #expect(pool.takeBatch() == nil)
            }
            #expect(released == nil)
        }
    }

    // MARK: The loop's side

    /// Tokens from as many networks as there are tokens; sockets that wait for none of them do not drop them.
    private func enqueue(_ count: Int, _ server: TestServer, _ socket: AGServerSocket) async -> Int {
        let jobs = jobs(count, socket, ticket: 77)
        return await server.onLoop { context in
            socket.assumeIsolated { socket in
                socket.verifying = PendingVerification(purpose: .authenticate, ticket: 77, cid: [], signedToken: [])
            }
            return jobs.enumerated().filter { context.verification.enqueue($1, network: UInt64($0)) }.count
        }
    }

    /// One loop turn makes one batch, and only so many are out that the order of the queue still counts.
    @Test func oneBatchPerTurn() async throws {
        try await TestServer.run(.offloaded) {
            $0.authPoolThreads = 1
        } _: { server in
            let (_, socket) = try await server.pair()
            let pool = try #require(server.server.pool)
            let gate = KeyGate(server.server)
            for round in 1...4 {
                #expect(await enqueue(5, server, socket) == 5)
                await server.onLoop { _ in }
                #expect(pool.counters.snapshot.batches == min(round, 2))
                #expect(pool.counters.snapshot.tokens == 5 * round)
                #expect(pool.counters.snapshot.waiting == 5 * round)
            }
            gate.open()
            while pool.counters.snapshot.waiting > 0 { await server.onLoop { _ in } }
            #expect(pool.counters.snapshot.tokens == 20)
        }
    }

    /// A batch has an end, however much arrives in one turn.
    @Test func batchesAreSmall() async throws {
        try await TestServer.run(.offloaded) {
            $0.authPoolThreads = 1
        } _: { server in
            let (_, socket) = try await server.pair()
            let pool = try #require(server.server.pool)
            let gate = KeyGate(server.server)
            let limit = LoopVerification.batchLimit
            #expect(await enqueue(10 * limit, server, socket) == 10 * limit)
            gate.open()
            while pool.counters.snapshot.waiting > 0 { await server.onLoop { _ in } }
            // The first answer is what the socket waited for; what is not with the worker by then is dropped.
            let counts = pool.counters.snapshot
            #expect(counts.tokens == 10 * limit)
            #expect(counts.batches >= 2)
            #expect(counts.tokens - counts.abandoned == counts.batches * limit)
        }
    }

    /// A token whose socket has gone costs nothing when its turn comes.
    @Test func goneSocketsAreDropped() async throws {
        try await TestServer.run(.offloaded) {
            $0.authPoolThreads = 1
        } _: { server in
            let pool = try #require(server.server.pool)
            let gate = KeyGate(server.server)
            let clients = try (0..<8).map { _ in try server.client() }
            for (index, client) in clients.enumerated() {
                try client.send(TestServer.handshake(token: HandshakeRow.valid))
                // One by one: the first two are out with the worker, the others wait.
                while pool.counters.snapshot.waiting < index + 1 { await server.onLoop { _ in } }
            }
            #expect(pool.counters.snapshot.batches == 2)
            for client in clients { client.drop() }
            await server.wait(for: "end", count: 8)
            gate.open()
            while pool.counters.snapshot.waiting > 0 { await server.onLoop { _ in } }
            #expect(pool.counters.snapshot == .init(batches: 2, tokens: 8, abandoned: 6))
        }
    }

    /// Those that have gone make room at once when there is none.
    @Test func goneSocketsMakeRoom() async throws {
        try await TestServer.run(.offloaded) {
            $0.authPoolThreads = 1
            $0.authPoolLimit = 16
        } _: { server in
            let pool = try #require(server.server.pool)
            let gate = KeyGate(server.server)
            let gone = try (0..<7).map { _ in try server.client() }
            for (index, client) in gone.enumerated() {
                try client.send(TestServer.handshake(token: HandshakeRow.valid))
                while pool.counters.snapshot.waiting < index + 1 { await server.onLoop { _ in } }
            }
            for client in gone { client.drop() }
            await server.wait(for: "end", count: 7)
            let new = try (0..<5).map { _ in try server.client() }
            for client in new { try client.send(TestServer.handshake(token: HandshakeRow.valid)) }
            while pool.counters.snapshot.tokens + pool.counters.snapshot.refused < 12 { await server.onLoop { _ in } }
            #expect(pool.counters.snapshot.refused == 0)
            #expect(pool.counters.snapshot.abandoned == 5)
            gate.open()
            for client in new { #expect(try await client.text().hasSuffix(#""isAuthenticated":true}}"#)) }
        }
    }

    /// Inline there is no pool, and with one a token that is too long to be looked at does not come into it.
    @Test func whatDoesNotNeedThePool() async throws {
        try await TestServer.run(.inline) { server in
            _ = try await server.pair(token: HandshakeRow.valid)
            #expect(server.server.pool == nil)
        }
        try await TestServer.run(.offloaded) { server in
            let pool = try #require(server.server.pool)
            let long = String(repeating: "a", count: 8193)
            let (_, reply) = try await server.handshake(try server.client(), token: "\"\(long)\"")
            #expect(reply.contains("jwt is longer than 8192 bytes"))
            _ = try await server.pair()
            #expect(pool.counters.snapshot == .init())
            _ = try await server.pair(token: HandshakeRow.valid)
            #expect(pool.counters.snapshot == .init(batches: 1, tokens: 1))
        }
    }

    @Test func manyClientsOnTwoLoops() async throws {
        try await TestServer.run(.offloaded) {
            $0.loops = 2
            $0.authPoolThreads = 2
        } _: { server in
            let pool = try #require(server.server.pool)
            let clients = try (0..<64).map { _ in try server.client() }
            for (index, client) in clients.enumerated() {
                let token = index % 2 == 0 ? HandshakeRow.valid : "abc"
                try client.send(##"{"event":"#handshake","data":{"authToken":"\##(token)"},"cid":\##(index)}"##)
            }
            for (index, client) in clients.enumerated() {
                let reply = try await client.text()
                #expect(reply.hasPrefix(#"{"rid":\#(index),"#))
                #expect(reply.hasSuffix(#""isAuthenticated":\#(index % 2 == 0)}}"#))
            }
            #expect(pool.counters.snapshot.tokens == 64)
            #expect(pool.counters.snapshot.waiting == 0)
        }
    }

    @Test(arguments: [0, -1])
    func threadsMustBePositive(_ threads: Int) {
        var options = AGServerOptions(authKey: TestServer.key)
        options.authPoolThreads = threads
        #expect(throws: AGError.invalidOptions("The authPoolThreads option must be positive")) {
            try AGServer(options: options)
        }
    }
}
