import EventLoop
import Testing

@testable import AsyngularClient

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("Dialling a host with several addresses", .timeLimit(.minutes(1)))
struct DialRaceTests {
    private let endpoint = ClientEndpoint(host: "a.example", port: 80)

    private func resolver(_ addresses: [SocketAddress]) -> NameResolver {
        NameResolver { host, port in
            #expect(host == "a.example" && port == 80)
            return .success(addresses)
        }
    }

    @Test("One that refuses is passed over at once")
    func refusing() async throws {
        try await Dialing.run { dialing in
            let refusing = try ListeningPeer(backlog: nil)
            let good = try ListeningPeer()
            var options = Dialing.patient
            options.attemptDelayMilliseconds = 25_000
            await dialing.dial(
                endpoint,
                options,
                resolver: resolver([refusing.address, refusing.address, good.address])
            )
            _ = try good.acceptWebSocket()
            #expect(await dialing.events.next() == .opened)
        }
    }

    @Test("One that never answers is waited for no longer than the delay, and given up then")
    func unanswering() async throws {
        try await Dialing.run { dialing in
            let (silent, fillers) = try ListeningPeer.unanswering()
            let good = try ListeningPeer()
            var options = Dialing.patient
            options.attemptDelayMilliseconds = 20
            await dialing.dial(endpoint, options, resolver: resolver([silent.address, good.address]))
            let peer = try good.acceptWebSocket()
            #expect(await dialing.events.next() == .opened)
            while await dialing.run({ $0.statistics.activeConnections }) > 1 { await Task.yield() }
            withExtendedLifetime((fillers, peer)) {}
        }
    }

    @Test("The first one is used if it answers, however many there are")
    func firstAnswers() async throws {
        try await Dialing.run { dialing in
            let good = try ListeningPeer()
            let other = try ListeningPeer()
            var options = Dialing.patient
            options.attemptDelayMilliseconds = 20_000
            await dialing.dial(endpoint, options, resolver: resolver([good.address, other.address]))
            let peer = try good.acceptWebSocket()
            #expect(await dialing.events.next() == .opened)
            #expect(await dialing.run { $0.statistics.activeConnections } == 1)
            withExtendedLifetime(peer) {}
        }
    }

    @Test("All refuse: the error is the last one's")
    func allRefuse() async throws {
        try await Dialing.run { dialing in
            let refusing = try ListeningPeer(backlog: nil)
            let invalid = SocketAddress.ip(host: "nonsense", port: 1)
            await dialing.dial(endpoint, resolver: resolver([invalid, refusing.address]))
            let error = await dialing.failure()
            #expect(error?.code == .connectionFailed && error?.transport?.code == .connectionRefused)
            await dialing.allClosed()
        }
    }

    @Test("One refuses and the other never answers: the deadline counts")
    func deadline() async throws {
        try await Dialing.run { dialing in
            let (silent, fillers) = try ListeningPeer.unanswering()
            let refusing = try ListeningPeer(backlog: nil)
            var options = Dialing.patient
            options.timeoutMilliseconds = 150
            options.attemptDelayMilliseconds = 10
            await dialing.dial(endpoint, options, resolver: resolver([silent.address, refusing.address]))
            #expect(await dialing.failure()?.code == .timedOut)
            await dialing.allClosed()
            withExtendedLifetime(fillers) {}
        }
    }

    @Test("No address, and a look-up that fails or takes too long")
    func names() async throws {
        try await Dialing.run { dialing in
            await dialing.dial(endpoint, resolver: resolver([]))
            #expect(await dialing.failure()?.code == .connectionFailed)
            let failing = NameResolver { _, _ in .failure(DialError(.nameNotResolved, "unknown")) }
            await dialing.dial(endpoint, resolver: failing)
            #expect(await dialing.failure() == DialError(.nameNotResolved, "unknown"))
            let isOver = Locked(false)
            let slow = NameResolver { _, _ in
                while !isOver.value { sched_yield() }
                return .success([])
            }
            var options = Dialing.patient
            options.timeoutMilliseconds = 50
            await dialing.dial(endpoint, options, resolver: slow)
            #expect(await dialing.failure()?.code == .timedOut)
            isOver.change { $0 = true }
            while slow.pendingNames > 0 { await Task.yield() }
        }
    }

    @Test("localhost needs no look-up")
    func localhost() async throws {
        try await Dialing.run { dialing in
            let listener = try ListeningPeer()
            let nobody = NameResolver { _, _ in
                Issue.record("looked up")
                return .success([])
            }
            for host in ["localhost", "LocalHost", "127.0.0.1"] {
                await dialing.dial(ClientEndpoint(host: host, port: listener.port), resolver: nobody)
                _ = try listener.acceptWebSocket()
                #expect(await dialing.events.next() == .opened)
                guard case .ended = await dialing.events.next() else {
                    Issue.record("not ended")
                    return
                }
            }
        }
    }
}
