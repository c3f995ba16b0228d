import ArgumentParser
import BenchmarkKit
import LoadGenerator

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension StandardSet.Extent: ExpressibleByArgument {}

/// The standard set on every server that is present, the servers taking turns within each round.
struct SuiteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suite",
        abstract: "The standard set, on every server of the peers file that is present, side by side."
    )

    @Option(help: "standard (under ten minutes), quick (under one) or smoke (some seconds).")
    var extent: StandardSet.Extent = .standard

    @Option(help: "Only these servers, separated by commas; the first is what others are compared with.")
    var servers: String?

    @Option(help: "Only workloads whose names contain one of these texts, separated by commas.")
    var only: String?

    @Flag(help: "Follow with the cost of authentication on the first server.")
    var auth = false

    @OptionGroup(title: "Measuring") var site: SiteOptions

    func run() async throws {
        let place = try site.site()
        let keys = try KeyRing()
        let peers = try present(site.peersFile())
        guard let first = peers.first else { throw ValidationError("none of the servers is present") }
        let set = StandardSet(extent, servers: peers.count)
        let wanted = only?.split(separator: ",").map(String.init)
        let workloads = set.workloads.filter { workload in wanted?.contains { workload.name.contains($0) } ?? true }
        let rounds = site.repetitions ?? set.rounds
        let shape = AuthCostPlan(extent, rounds: rounds)
        let loops = LoopsPlan(workloads, rounds: rounds, on: first)
        let session = Session(
            title: extent == .standard
                ? "asyngular-bench: the standard set" : "asyngular-bench: the \(extent.rawValue) set",
            site: place,
            options: site,
            keys: keys,
            steps: workloads.reduce(0) { $0 + min(rounds, $1.roundLimit ?? rounds) } * peers.count
                + (loops?.steps ?? 0) + (auth ? shape.steps(for: first) : 0)
        )
        for peer in peers { session.report.servers[peer.name] = peer.note }
        let running = try peers.map { peer in
            try Endpoint(starting: peer, keys: keys, root: site.root, processors: place.serverProcessors)
        }
        for workload in workloads {
            var workload = workload
            workload.times = site.times(workload.times)
            for _ in 0..<min(rounds, workload.roundLimit ?? rounds) {
                for (peer, endpoint) in zip(peers, running) {
                    guard workload.needsFreshServer else {
                        await session.measure(workload, on: endpoint)
                        continue
                    }
                    let fresh = try Endpoint(
                        starting: peer,
                        keys: keys,
                        root: site.root,
                        processors: place.serverProcessors
                    )
                    await session.measure(workload, on: fresh)
                    fresh.process?.stop()
                }
            }
        }
        for endpoint in running { endpoint.process?.stop() }
        try await loops?.run(on: first, session)
        if auth { try await shape.run(on: first, session) }
        try session.finish()
    }

    private func present(_ file: PeersFile) throws -> [PeerDescription] {
        let present = file.peers.filter { Self.isPresent($0.command[0], root: site.root) }
        guard let servers else { return present }
        return try servers.split(separator: ",").map { name in
            guard let peer = present.first(where: { $0.name == name }) else {
                throw ValidationError("\(name) is not in the peers file, or its program is missing")
            }
            return peer
        }
    }

    /// Whether the program can be run: at its path, or by its name in PATH.
    static func isPresent(_ program: String, root: String) -> Bool {
        if program.utf8.contains(UInt8(ascii: "/")) {
            return unsafe access(program.hasPrefix("/") ? program : "\(root)/\(program)", X_OK) == 0
        }
        guard let path = unsafe getenv("PATH") else { return false }
        return unsafe String(cString: path).split(separator: ":").contains {
            unsafe access("\($0)/\(program)", X_OK) == 0
        }
    }
}
