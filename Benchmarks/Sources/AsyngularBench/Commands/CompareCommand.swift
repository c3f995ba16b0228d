import ArgumentParser
import BenchmarkKit
import LoadGenerator

struct CompareCommand: AsyncParsableCommand {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case connect, echo, fanout
    }

    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Two servers in turn, A B A B, and the median of the rounds' ratios.",
        discussion: "A and B are addresses of running servers, or names in the peers file."
    )

    @Argument(help: "connect, echo or fanout.")
    var workload: Kind

    @Option(help: "The first server: an address or a name.")
    var a: String

    @Option(help: "The second server.")
    var b: String

    @Option(help: "Process of the first, if it runs already.")
    var pidA: Int32?

    @Option(help: "Process of the second, if it runs already.")
    var pidB: Int32?

    @Option(help: "Bytes of a call's or publication's data.")
    var size: Int?

    @Option(help: "Connections that call.")
    var connections = 64

    @Option(help: "Calls, or publications, in flight.")
    var depth = 1

    @Option(help: "Connections that subscribe.")
    var subscribers = 1000

    @OptionGroup(title: "Tokens") var token: TokenOptions
    @OptionGroup(title: "Storm") var storm: StormOptions
    @OptionGroup(title: "Measuring") var site: SiteOptions

    func run() async throws {
        let place = try site.site()
        let keys = try token.keys()
        let rounds = site.repetitions ?? 5
        let first = try endpoint(a, pidA, "A", place, keys)
        let second = try endpoint(b, pidB, "B", place, keys)
        var work = made
        work.tokens = token.use
        work.times = site.times(RunTimes())
        let session = Session(
            title: "asyngular-bench: \(first.name) and \(second.name), \(work.name)",
            site: place,
            options: site,
            keys: keys,
            steps: rounds * 2
        )
        for _ in 0..<rounds {
            await session.measure(work, on: first)
            await session.measure(work, on: second)
        }
        for endpoint in [first, second] { endpoint.process?.stop() }
        try session.finish()
    }

    private func endpoint(
        _ text: String,
        _ pid: Int32?,
        _ name: String,
        _ place: LoadSite,
        _ keys: KeyRing
    ) throws -> Endpoint {
        if text.hasPrefix("ws://") { return Endpoint(name: name, url: text, pid: pid, dialect: .socketcluster) }
        guard let peer = try site.peersFile().peers.first(where: { $0.name == text }) else {
            throw ValidationError("the peers file has no \(text)")
        }
        return try Endpoint(
            starting: peer,
            algorithm: token.algorithm,
            keys: keys,
            root: site.root,
            processors: place.serverProcessors
        )
    }

    private var made: Workload {
        switch workload {
        case .connect:
            return .connect(storm, token, seconds: site.duration ?? 2)
        case .echo:
            var shape = EchoDriver.Shape()
            shape.connections = connections
            shape.size = size ?? 64
            shape.depth = depth
            return Workload(
                section: "echo",
                name: "echo \(shape.size) B, depth \(depth)",
                unit: "messages",
                kind: .echo(shape)
            )
        case .fanout:
            var shape = FanoutDriver.Shape()
            shape.subscribers = subscribers
            shape.size = size ?? 128
            shape.inFlight = depth
            return .fanout(shape)
        }
    }
}
