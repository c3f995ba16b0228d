import AsyngularClient
import EventLoop
import Foundation

/// What a call through the client costs this process.
enum RoundTrips {
    private static let clients = 64

    static func run(seconds: Int) async throws {
        let server = try Server(port: 0)
        let loop = try EventLoop()
        let options = AGClientOptions(hostname: "127.0.0.1", port: UInt16(server.port))
        let sockets = try (0..<clients).map { _ in try AsyngularClient.create(options, on: loop) }
        for socket in sockets { try await socket.invoke("echo") }
        let cost = try await measure(sockets, seconds: seconds, on: nil)
        print("tasks of the global executor: \(cost) us of processor time a call")
        let local = try await measure(sockets, seconds: seconds, on: loop.taskExecutor)
        print("tasks on the client's loop: \(local) us of processor time a call")
        server.kill()
    }

    /// So many calls on each client, and nothing else, for tools that count instructions and allocations: the difference between two runs is
    /// that between their calls.
    static func count(calls: Int, onLoop: Bool) async throws {
        let server = try Server(port: 0)
        let loop = try EventLoop()
        let options = AGClientOptions(hostname: "127.0.0.1", port: UInt16(server.port))
        let data = JSONText(.string(String(repeating: "x", count: 64)))
        await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                let socket = try? AsyngularClient.create(options, on: loop)
                group.addTask(executorPreference: onLoop ? loop.taskExecutor : nil) {
                    for _ in 0..<calls { try await socket?.invoke("echo", data) }
                }
            }
        }
        server.kill()
    }

    private static func measure(
        _ sockets: [AGClientSocket],
        seconds: Int,
        on executor: (any TaskExecutor)?
    ) async throws -> Double {
        let text = String(repeating: "x", count: 64)
        let data = JSONText(.string(text))
        let before = ProcessMemory.processorMicroseconds()
        let end = ContinuousClock.now + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for socket in sockets {
                group.addTask(executorPreference: executor) {
                    var count = 0
                    while count % 64 != 0 || ContinuousClock.now < end {
                        try await socket.invoke("echo", data)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let used = ProcessMemory.processorMicroseconds() - before
        return (Double(used) / Double(max(1, count)) * 100).rounded() / 100
    }
}
