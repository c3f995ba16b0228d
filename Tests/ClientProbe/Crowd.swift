import AsyngularClient
import EventLoop
import Foundation

/// Thousands of clients on one loop lose their server and find it again.
struct Crowd {
    /// Bytes of this process's memory that a connected client may take.
    static let memoryBound = 6 * 1024
    /// Clients that are there before memory is measured, so that what all share is.
    private static let first = 200

    private var clients: [AGClientSocket] = []
    private let loop: EventLoop
    private let options: AGClientOptions

    static func run(count: Int) async throws {
        let server = try Server(port: 0)
        var options = AGClientOptions(hostname: "127.0.0.1", port: UInt16(server.port))
        options.autoReconnectOptions = AGReconnectOptions(initialDelay: 1000, randomness: 1000, maxDelay: 6000)
        let loop = try EventLoop()
        var crowd = Crowd(loop: loop, options: options)
        try await crowd.grow(to: first)
        let before = ProcessMemory.resident()
        try await crowd.grow(to: count)
        let each = (ProcessMemory.resident() - before) / max(1, count - first)
        print("connected \(count), \(each) bytes of memory each")

        server.kill()
        try await crowd.wait(for: "all to notice the loss") { $0 != .open }
        let again = try Server(port: server.port)
        let restart = ContinuousClock.now
        try await crowd.wait(for: "all to be open again") { $0 == .open }
        let elapsed = restart.duration(to: .now)
        print("all open again after \(elapsed)")
        // The back-off allows 6 s between attempts; each attempt of thousands at once takes its time.
        let health = try again.health()
        print("the server counts \(health)")
        let answers = await crowd.callAll()
        print("answers to one call each: \(answers)")
        again.kill()
        let isWhole = health == #"{"status":"ok","clients":\#(count),"pendingClients":0}"# && answers == count
        exit(isWhole && each <= memoryBound && elapsed < .seconds(15) ? 0 : 1)
    }

    private init(loop: EventLoop, options: AGClientOptions) {
        self.loop = loop
        self.options = options
    }

    /// More clients, no more of them at a time than a server's backlog holds.
    private mutating func grow(to count: Int) async throws {
        while clients.count < count {
            for _ in 0..<min(200, count - clients.count) {
                clients.append(try AsyngularClient.create(options, on: loop))
            }
            try await wait(for: "\(clients.count) clients to connect") { $0 == .open }
        }
    }

    private func wait(for what: String, _ condition: @Sendable (AGClientState) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        for client in clients {
            while await !condition(client.state) {
                guard ContinuousClock.now < deadline else {
                    print("waited in vain for \(what)")
                    exit(1)
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// How many get the right answer to a call.
    private func callAll() async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for (index, client) in clients.enumerated() {
                group.addTask {
                    let data = JSONText(.integer(Int64(index)))
                    return (try? await client.invoke("echo", data)) == data
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }
}
