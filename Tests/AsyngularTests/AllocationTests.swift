import CAllocationCounter
import EventLoop
import Synchronization
import Testing

@testable import Asyngular

/// Counts what the loop's thread allocates while frames pass through it.
@Suite struct AllocationTests {
    /// The loop's count, taken on the loop.
    private func allocations(of server: AGServer) async -> UInt64 {
        let loop = server.state.withLock { $0.contexts[0].loop }
        return await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: allocation_counter_this_thread()) }
        }
    }

    /// Sends `rounds` messages one by one, each after the answer to the one before.
    private func exchange(_ client: TestClient, _ rounds: Int, message: (Int) -> String) async throws {
        for round in 0..<rounds {
            try client.send(message(round))
            _ = try await client.text()
        }
    }

    @Test("an echoed RPC allocates nothing on the loop", .timeLimit(.minutes(1)))
    func echo() async throws {
        guard allocation_counter_is_active() else { return }
        try await TestServer.run { server in
            let client = try await server.connected()
            let payload = String(repeating: "x", count: 64)
            let message = { (round: Int) in #"{"event":"echo","data":"\#(payload)","cid":\#(round + 2)}"# }
            try await exchange(client, 100, message: message)
            let before = await allocations(of: server.server)
            let idle = await allocations(of: server.server) - before
            let start = await allocations(of: server.server)
            try await exchange(client, 1000, message: message)
            let end = await allocations(of: server.server)
            // What asking for the count itself costs is not the frames'.
            #expect(end - start <= idle, "\(end - start) allocations for 1000 echoes, \(idle) for asking")
        }
    }
}
