import ArgumentParser
import BenchmarkKit
import JSONWebToken
import LoadGenerator

struct AuthCostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth-cost",
        abstract: "What authentication costs: the same storm without a token and with each kind of token.",
        discussion: """
            With --server the tool starts that server once for each algorithm, and inline and offloaded if it has that choice. \
            With --url it measures a running server with the one key that --secret-file or --private-key-file names.
            """
    )

    @OptionGroup(title: "Server") var target: ServerOptions
    @OptionGroup(title: "Key of a running server") var token: TokenOptions
    @OptionGroup(title: "Storm") var storm: StormOptions

    @Option(help: "Algorithms to measure, separated by commas.")
    var algorithms: String = AuthCostPlan.algorithms.map(\.rawValue).joined(separator: ",")

    @OptionGroup(title: "Measuring") var site: SiteOptions

    func run() async throws {
        let place = try site.site()
        let keys = try token.keys()
        var plan = AuthCostPlan(.standard, rounds: 3)
        plan.rounds = site.repetitions ?? 3
        plan.seconds = site.duration ?? plan.seconds
        plan.limit = min(storm.count, 20_000)
        plan.shape = storm.shape
        plan.algorithms = try algorithms.split(separator: ",").map { name in
            guard let algorithm = Algorithm(rawValue: String(name)) else {
                throw ValidationError("unknown algorithm \(name)")
            }
            return algorithm
        }
        let title = "asyngular-bench: the cost of authentication"
        if target.server != nil {
            let file = try site.peersFile()
            guard let peer = file.peers.first(where: { $0.name == target.server }) else {
                throw ValidationError("the peers file has no \(target.server ?? "")")
            }
            let session = Session(title: title, site: place, options: site, keys: keys, steps: plan.steps(for: peer))
            session.report.servers[peer.name] = peer.note
            try await plan.run(on: peer, session)
            try session.finish()
        } else {
            let endpoint = try target.endpoint(place, site, keys: keys, tokens: token)
            let session = Session(title: title, site: place, options: site, keys: keys, steps: plan.rounds * 3)
            for _ in 0..<plan.rounds { await plan.measure(token.algorithm, "", endpoint, session) }
            try session.finish()
        }
    }
}
