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
            With --url it measures a running server with the one key that --secret-file or --private-key-file names. \
            With --beside a second server takes turns with it, and each row of the second has its ratio to the first: the same \
            storms, so what the machine does falls out.
            """
    )

    @OptionGroup(title: "Server") var target: ServerOptions
    @Option(help: "A second server: the address of a running one, or a name in the peers file.")
    var beside: String?

    @Option(help: "The second server's process, if it runs already.")
    var besidePID: Int32?

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
        let session = Session(
            title: "asyngular-bench: the cost of authentication",
            site: place,
            options: site,
            keys: keys,
            steps: 0
        )
        var entries = try entries(target.url ?? target.server ?? "", target.pid, "server", plan, session)
        if let beside {
            do {
                entries += try self.entries(beside, besidePID, "second server", plan, session)
            } catch {
                for entry in entries { entry.endpoint.process?.stop() }
                throw error
            }
        }
        // Those of one algorithm one after the other: they are compared.
        entries.sort { first, second in plan.place(of: first.algorithm) < plan.place(of: second.algorithm) }
        session.steps = entries.count * plan.rounds * 3
        await plan.run(entries, session)
        try session.finish()
    }

    func validate() throws {
        if beside != nil, beside == (target.url ?? target.server) {
            throw ValidationError("--beside is the same server again")
        }
        if let besidePID, !ProcessProbe(pid: besidePID).isPresent {
            throw ValidationError("there is no process \(besidePID)")
        }
    }

    /// A running server, or those that are started of one peer.
    private func entries(
        _ text: String,
        _ pid: Int32?,
        _ name: String,
        _ plan: AuthCostPlan,
        _ session: Session
    ) throws -> [AuthCostPlan.Entry] {
        if text.hasPrefix("ws://") {
            let endpoint = Endpoint(name: name, url: text, pid: pid, dialect: .socketcluster)
            session.report.servers[name] = text
            return [AuthCostPlan.Entry(algorithm: token.algorithm, scheduling: "", endpoint: endpoint)]
        }
        guard let peer = try site.peersFile().peers.first(where: { $0.name == text }) else {
            throw ValidationError("the peers file has no \(text)")
        }
        session.report.servers[peer.name] = peer.note
        return try plan.start(peer, session)
    }
}
