import Asyngular
import SocketProtocol
import StrictJSON
import Testing

@testable import AsyngularClient

/// Many clients of a server that is killed and comes back: all return, none twice, and every call ends once.
@Suite(.timeLimit(.minutes(3)))
struct CutOffEndToEndTests {
    @Test
    func `clients outlive their server`() async throws {
        let (count, lives) = (40, 5)
        let port = Locked(0)
        let clients = Locked<[EndToEnd.Client]>([])
        let ended = Locked(0)
        let calling = Locked<[Task<Void, Never>]>([])
        for life in 0..<lives {
            try await EndToEnd.run(port: port.value) { _ in
            } setUp: { server in
                server.procedure("hang") { _, request in _ = request.deferred() }
            } _: { test in
                if life == 0 {
                    port.value = test.port
                    clients.value = try (0..<count).map { _ in try test.client(token: try EndToEnd.token()) }
                    for client in clients.value { await client.socket.subscribe("room", waitForAuth: true) }
                }
                for client in clients.value {
                    await client.events.wait(for: "subscribe room", count: life + 1)
                }
                // None doubled.
                #expect(test.server.clientsCount == count)
                // Some calls are answered, some are cut off by the server's end.
                for (index, client) in clients.value.enumerated() {
                    let task = Task {
                        _ = try? await client.socket.invoke(index % 2 == 0 ? "echo" : "hang")
                        ended.change { $0 += 1 }
                    }
                    calling.change { $0.append(task) }
                }
            }
        }
        for task in calling.value { await task.value }
        #expect(ended.value == count * lives)
        for client in clients.value {
            await client.socket.disconnect()
            #expect(await client.socket.underWay == 0)
            #expect(await client.socket.nextDue == .max)
            // One attempt at a time: each ends before the next one begins.
            let steps = client.events.lines.filter { $0.hasPrefix("connecting") || $0.hasPrefix("close! ") }
            for (index, step) in steps.enumerated() {
                #expect(step.hasPrefix(index % 2 == 0 ? "connecting" : "close! "))
            }
        }
    }
}
