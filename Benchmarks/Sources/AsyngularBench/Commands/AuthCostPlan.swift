import BenchmarkKit
import JSONWebToken
import LoadGenerator

/// The same storm without a token and with each kind of token, on servers that differ in nothing else.
struct AuthCostPlan {
    static let algorithms: [Algorithm] = [.HS256, .RS256, .ES256, .EdDSA]

    var algorithms = Self.algorithms
    var schedulings = ["inline", "offloaded"]
    var rounds: Int
    var seconds = 1.0
    var limit = 8000
    var shape = StormDriver.Shape()

    init(_ extent: StandardSet.Extent, rounds: Int) {
        self.rounds = rounds
        switch extent {
        case .standard: self.rounds = min(rounds, 3)
        case .quick:
            algorithms = [.HS256, .ES256]
            seconds = 0.3
            limit = 1500
        case .smoke:
            algorithms = [.HS256, .ES256]
            seconds = 0.1
            limit = 200
        }
    }

    func steps(for peer: PeerDescription) -> Int {
        algorithms.count * (peer.scheduling == nil ? 1 : schedulings.count) * rounds * 3
    }

    /// Where an algorithm stands in the plan.
    func place(of algorithm: Algorithm) -> Int { algorithms.firstIndex(of: algorithm) ?? algorithms.count }

    /// A server that is stormed with the tokens of one algorithm.
    struct Entry {
        let algorithm: Algorithm
        let scheduling: String
        let endpoint: Endpoint
    }

    /// Starts a server for each algorithm and scheduling, and storms them in turn.
    func run(on peer: PeerDescription, _ session: Session) async throws {
        await run(try start(peer, session), session)
    }

    /// Starts a server for each algorithm and scheduling.
    func start(_ peer: PeerDescription, _ session: Session) throws -> [Entry] {
        var entries: [Entry] = []
        do {
            for algorithm in algorithms where peer.keys?[algorithm.isSymmetric ? "secret" : "keyPair"] != nil {
                for scheduling in peer.scheduling == nil ? [""] : schedulings {
                    let endpoint = try Endpoint(
                        starting: peer,
                        algorithm: algorithm,
                        scheduling: scheduling.isEmpty ? nil : scheduling,
                        keys: session.keys,
                        root: session.options.root,
                        processors: session.site.serverProcessors
                    )
                    entries.append(Entry(algorithm: algorithm, scheduling: scheduling, endpoint: endpoint))
                }
            }
        } catch {
            for entry in entries { entry.endpoint.process?.stop() }
            throw error
        }
        return entries
    }

    /// Storms servers in turn, round by round, and stops those that were started.
    func run(_ entries: [Entry], _ session: Session) async {
        for _ in 0..<rounds {
            for entry in entries { await measure(entry.algorithm, entry.scheduling, entry.endpoint, session) }
        }
        for entry in entries { entry.endpoint.process?.stop() }
    }

    /// No token, the same token, unique tokens: one after the other, so that they meet the same state of the machine.
    func measure(_ algorithm: Algorithm, _ scheduling: String, _ endpoint: Endpoint, _ session: Session) async {
        let uses: [(String, Workload.TokenUse)] = [
            ("no token", .none), ("same token", .same(algorithm)), ("unique tokens", .unique(algorithm)),
        ]
        for (name, use) in uses {
            let title = AuthCost.workload(algorithm: algorithm.rawValue, tokens: name, scheduling: scheduling)
            var workload = Workload(
                section: "auth",
                name: title,
                unit: "connections",
                kind: .connect(shape, seconds: seconds, limit: limit)
            )
            workload.tokens = use
            await session.measure(workload, on: endpoint)
        }
    }
}
