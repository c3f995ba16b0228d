import EventLoop
import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// The queues of the verification pool: limits, turns, the end.
@Suite struct AuthPoolTests {
    /// Tokens whose results nobody waits for: the ticket is no socket's.
    private func jobs(_ count: Int, _ socket: AGServerSocket, ticket: UInt32 = .max) -> [VerificationPool.Job] {
        Array(
            repeating: VerificationPool.Job(
                token: Array(HandshakeRow.valid.utf8),
                socket: socket,
                ticket: ticket,
                result: nil
            ),
            count: count
        )
    }

    private func pool(_ server: TestServer, loops: Int = 1, limit: Int = 100, workers: Int = 0) -> VerificationPool {
        VerificationPool(
            workers: workers,
            loops: loops,
            limit: limit,
            keys: server.server.keys,
            policy: server.server.settings.policy
        )
    }

    @Test func takesWhatItHasRoomFor() async throws {
        try await TestServer.run { server in
            let (_, socket) = try await server.pair()
            let loop = socket.context.loop
            let pool = pool(server, limit: 4)
            #expect(pool.submit(jobs(6, socket), loop: loop, index: 0) == 4)
            #expect(pool.submit(jobs(1, socket), loop: loop, index: 0) == 0)
            #expect(pool.statistics == .init(batches: 1, tokens: 4, refused: 3, waiting: 4))
            let batch = try #require(pool.takeBatch())
            #expect(batch.jobs.count == 4)
            // Taken is not verified: the limit holds until the results are there.
            #expect(pool.submit(jobs(1, socket), loop: loop, index: 0) == 0)
            pool.process(batch, with: TokenVerifier())
            #expect(pool.statistics.waiting == 0)
            #expect(pool.takeBatch() == nil)
            #expect(pool.submit(jobs(5, socket), loop: loop, index: 0) == 4)
            #expect(pool.submit([], loop: loop, index: 0) == 0)
            #expect(pool.statistics == .init(batches: 2, tokens: 8, refused: 5, waiting: 4))
        }
    }

    /// A loop with much to verify does not make another wait for all of it.
    @Test func loopsTakeTurns() async throws {
        try await TestServer.run { server in
            let (_, socket) = try await server.pair()
            let loop = socket.context.loop
            let pool = pool(server, loops: 3)
            for ticket in 1...3 { _ = pool.submit(jobs(1, socket, ticket: UInt32(ticket)), loop: loop, index: 0) }
            _ = pool.submit(jobs(1, socket, ticket: 10), loop: loop, index: 1)
            _ = pool.submit(jobs(1, socket, ticket: 20), loop: loop, index: 2)
            _ = pool.submit(jobs(1, socket, ticket: 11), loop: loop, index: 1)
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
            #expect(pool.submit(jobs(2, socket), loop: socket.context.loop, index: 0) == 0)
            #expect(pool.statistics == .init(refused: 2))
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
                _ = pool.submit(jobs(3, socket), loop: socket.context.loop, index: 0)
                await pool.shutdown()
                #expect(pool.takeBatch() == nil)
            }
            #expect(released == nil)
        }
    }

    /// One loop turn makes one batch.
    @Test func oneBatchPerTurn() async throws {
        try await TestServer.run(.offloaded) { server in
            let (_, socket) = try await server.pair()
            let pool = try #require(server.server.pool)
            let gate = KeyGate(server.server)
            for round in 1...3 {
                let jobs = jobs(5, socket)
                await server.onLoop { context in for job in jobs { context.enqueueVerification(job) } }
                // The turn ends behind the job that was just run.
                await server.onLoop { _ in }
                #expect(pool.statistics.batches == round)
                #expect(pool.statistics.tokens == 5 * round)
            }
            gate.open()
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
            #expect(pool.statistics == .init())
            _ = try await server.pair(token: HandshakeRow.valid)
            #expect(pool.statistics == .init(batches: 1, tokens: 1))
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
            #expect(pool.statistics.tokens == 64)
            #expect(pool.statistics.waiting == 0)
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
