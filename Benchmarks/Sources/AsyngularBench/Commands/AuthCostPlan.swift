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

    /// Starts a server for each algorithm and scheduling, and storms them in turn.
    func run(on peer: PeerDescription, _ session: Session) async throws {
        let usable = algorithms.filter { peer.keys?[$0.isSymmetric ? "secret" : "keyPair"] != nil }
        var servers: [(algorithm: Algorithm, scheduling: String, endpoint: Endpoint)] = []
        defer { for server in servers { server.endpoint.process?.stop() } }
        for algorithm in usable {
            for scheduling in peer.scheduling == nil ? [""] : schedulings {
                let endpoint = try Endpoint(
                    starting: peer,
                    algorithm: algorithm,
                    scheduling: scheduling.isEmpty ? nil : scheduling,
                    keys: session.keys,
                    root: session.options.root,
                    processors: session.site.serverProcessors
                )
                servers.append((algorithm, scheduling, endpoint))
            }
        }
        for _ in 0..<rounds {
            for server in servers {
                await measure(server.algorithm, server.scheduling, server.endpoint, session)
            }
        }
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
