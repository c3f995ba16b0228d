import BenchmarkKit
import JSONWebToken
import LoadGenerator

/// The same storm on a server with one loop and on one with two, which differ in nothing else: what a second loop costs of
/// the work that a processor does.
struct LoopsPlan {
    static let counts = [1, 2]

    let workload: Workload
    let rounds: Int

    /// - Returns: nil if the set has no storm with tokens, or the peer no choice of loops.
    init?(_ workloads: [Workload], rounds: Int, on peer: PeerDescription) {
        let storm = workloads.first { workload in
            if case .connect = workload.kind, workload.tokens == .unique(.HS256) { true } else { false }
        }
        guard let storm, peer.loops != nil else { return nil }
        var workload = Workload(section: "loops", name: storm.name, unit: storm.unit, kind: storm.kind)
        workload.tokens = storm.tokens
        workload.times = storm.times
        self.workload = workload
        self.rounds = rounds
    }

    var steps: Int { rounds * Self.counts.count }

    func run(on peer: PeerDescription, _ session: Session) async throws {
        // Two loops need two processors; both servers are given the same ones.
        let processors = session.site.serverProcessors | session.site.clientProcessors
        let endpoints = try Self.counts.map { count in
            try Endpoint(
                starting: peer,
                loops: count,
                keys: session.keys,
                root: session.options.root,
                processors: processors
            )
        }
        defer { for endpoint in endpoints { endpoint.process?.stop() } }
        for _ in 0..<rounds {
            for endpoint in endpoints { await session.measure(workload, on: endpoint) }
        }
    }
}
