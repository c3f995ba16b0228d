import Asyngular
import AsyngularSupport
import EventLoop
import Foundation
import SocketProtocol
import StrictJSON
import Testing

@testable import AsyngularClient

/// Clients on real sockets whose connections are cut off a thousand times, beside a model of each.
@Suite(.timeLimit(.minutes(3)))
struct RandomCutOffTests {
    private static let clients = 32
    private static let cuts = 1000
    /// Servers that follow each other on one port. Every other one vanishes as a killed process does, the others say goodbye.
    private static let servers = 20

    /// Publications of all servers.
    private let published = Locked(0)

    /// What is looked at after the clients are gone.
    private struct Remains {
        weak var socket: AGClientSocket?
        weak var core: ClientCore?

        var isEmpty: Bool { socket == nil && core == nil }
    }

    @Test
    func `clients follow the model through a thousand random cut-offs`() async throws {
        let given = ProcessInfo.processInfo.environment["ASYNGULAR_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0..<1 << 32)
        let relay = try CutOffRelay(seed: seed)
        let counts = Locked(ClientLife.Counts())
        let isOn = Locked(true)
        var (lives, running): ([ClientLife], [Task<Void, Never>]) = ([], [])
        var port = 0
        for number in 1...Self.servers {
            let sockets = Locked<[String: AGServerSocket]>([:])
            try await withServer(port: port, sockets) { test in
                port = test.port
                relay.lead(to: port)
                if number == 1 {
                    lives = try (0..<Self.clients).map {
                        try ClientLife(port: relay.port, seed: seed &+ UInt64($0) &+ 1, counts: counts)
                    }
                    running = lives.map { life in Task { await life.run(while: isOn) } }
                }
                let goal = Self.cuts * number / Self.servers
                relay.cut(until: goal)
                while await relay.cuts.next() < goal {}
                guard number == Self.servers else {
                    relay.lead(to: nil)
                    if number % 2 == 0 { relay.resetAll() }
                    return
                }
                isOn.value = false
                for task in running { await task.value }
                try await checkPeace(lives, test.server, sockets, "seed \(seed)")
            }
        }
        let remains = lives.map { Remains(socket: $0.socket, core: $0.socket?.core) }
        // Every task that waits for a stream ends with its client.
        for life in lives { await life.end() }
        await relay.stop()
        let deadline = ContinuousClock.now + .seconds(20)
        while !remains.allSatisfy(\.isEmpty), ContinuousClock.now < deadline { await Task.yield() }
        let left = remains.count { !$0.isEmpty }
        #expect(left == 0, "seed \(seed)")
        let end = counts.value
        #expect(end.begun == end.ended && end.faults == [], "seed \(seed)")
        for life in lives { #expect(life.model.faults == [], "seed \(seed)") }
        // It was a stormy life.
        for outcome in ["none", "BadConnectionError", "AbortError", "TimeoutError", "LoginError"] {
            #expect(end.outcomes[outcome, default: 0] > 0, "\(outcome), seed \(seed)")
        }
    }

    private func withServer(
        port: Int,
        _ sockets: Locked<[String: AGServerSocket]>,
        _ body: (EndToEnd) async throws -> Void
    ) async throws {
        try await EndToEnd.run(port: port) { _ in
        } setUp: { server in
            server.onConnection { socket in sockets.change { $0[socket.id] = socket } }
            server.procedure("brief") { socket, request in
                request.end()
                try socket.setAuthToken(["username": "x", "exp": .integer(WallClock.seconds() + 1)])
            }
            server.receiver("publish") { [published, exchange = server.exchange] _, _ in
                let number = published.change { count in
                    count += 1
                    return count
                }
                exchange.publish("all", .integer(Int64(number)))
            }
        } _: { test in
            try await body(test)
        }
    }

    /// After the last cut all are connected, once each, are who the model says, and are subscribed to what it says, once.
    private func checkPeace(
        _ lives: [ClientLife],
        _ server: AGServer,
        _ sockets: Locked<[String: AGServerSocket]>,
        _ seed: Comment
    ) async throws {
        for (index, life) in lives.enumerated() { try await life.settle(isAuthenticated: index % 2 == 0) }
        #expect(server.clientsCount == lives.count, seed)
        var readers: [Task<Int, Never>] = []
        for (index, life) in lives.enumerated() {
            let socket = try #require(life.socket)
            let id = try #require(await socket.id)
            let twin = try #require(sockets.value[id])
            let authState = await twin.authState
            #expect(authState == (index % 2 == 0 ? .authenticated : .unauthenticated), seed)
            #expect(await socket.underWay == 0, seed)
            let subscriptions = await socket.subscriptions()
            let channels = await twin.channels
            #expect(channels.sorted() == subscriptions.sorted(), seed)
            let expected = index % 2 == 0 ? Set(life.model.wanted.keys) : ["all"]
            #expect(expected.isSubset(of: subscriptions), seed)
            for channel in subscriptions {
                let data = socket.core.channelStreams.data(of: channel, bufferLimit: 100)
                readers.append(
                    Task {
                        var count = 0
                        for await text in data {
                            if text == JSONText(.string("once")) { count += 1 }
                            if text == JSONText(.string("end")) { break }
                        }
                        return count
                    }
                )
            }
        }
        for channel in ClientLife.channels + ["auth"] {
            server.exchange.publish(channel, "once")
            server.exchange.publish(channel, "end")
        }
        #expect(readers.count >= lives.count, seed)
        for reader in readers {
            let count = await reader.value
            #expect(count == 1, seed)
        }
    }
}
