import ArgumentParser
import BenchmarkKit
import LoadGenerator

/// What the commands that measure one workload on one server have in common.
protocol SingleCommand: AsyncParsableCommand {
    var site: SiteOptions { get }
    var target: ServerOptions { get }
    var token: TokenOptions { get }
    var workload: Workload { get throws }
}

extension SingleCommand {
    func measure() async throws {
        var workload = try workload
        workload.tokens = token.use
        workload.isPlain = target.plain && workload.section != "connect"
        let isRestarted = workload.needsFreshServer
        if isRestarted, target.server == nil, site.repetitions ?? 1 > 1 {
            throw ValidationError(
                "memory that a server has had is used again: --repeat needs --server, which starts one each time"
            )
        }
        let rounds = site.repetitions ?? (isRestarted && target.server == nil ? 1 : 3)
        let place = try site.site()
        let keys = try token.keys()
        var endpoint = try target.endpoint(place, site, keys: keys, tokens: token)
        let session = Session(
            title: "asyngular-bench: \(workload.name)",
            site: place,
            options: site,
            keys: keys,
            steps: rounds
        )
        for round in 0..<rounds {
            if isRestarted, round > 0 {
                endpoint.process?.stop()
                endpoint = try target.endpoint(place, site, keys: keys, tokens: token)
            }
            await session.measure(workload, on: endpoint)
        }
        endpoint.process?.stop()
        try session.finish()
    }
}

struct ConnectCommand: SingleCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "A storm of connections: upgrade and handshake, then the connection is closed."
    )

    @OptionGroup(title: "Server") var target: ServerOptions
    @OptionGroup(title: "Tokens") var token: TokenOptions
    @OptionGroup(title: "Storm") var storm: StormOptions
    @OptionGroup(title: "Measuring") var site: SiteOptions

    var workload: Workload { .connect(storm, token, seconds: site.duration ?? 3) }

    func run() async throws { try await measure() }
}

struct EchoCommand: SingleCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo",
        abstract: "Calls of the procedure \"echo\", or plain messages that come back."
    )

    @OptionGroup(title: "Server") var target: ServerOptions
    @OptionGroup(title: "Tokens") var token: TokenOptions
    @OptionGroup(title: "Calls") var echo: EchoOptions
    @OptionGroup(title: "Measuring") var site: SiteOptions

    var workload: Workload {
        var workload = Workload(section: "echo", name: echo.name, unit: "messages", kind: .echo(echo.shape))
        workload.times = site.times(RunTimes())
        return workload
    }

    func run() async throws { try await measure() }
}

struct FanoutCommand: SingleCommand {
    static let configuration = CommandConfiguration(
        commandName: "fanout",
        abstract: "Publications to a channel with many subscribers."
    )

    @OptionGroup(title: "Server") var target: ServerOptions
    @OptionGroup(title: "Tokens") var token: TokenOptions
    @OptionGroup(title: "Publications") var fanout: FanoutOptions
    @OptionGroup(title: "Measuring") var site: SiteOptions

    var workload: Workload {
        var workload = Workload.fanout(fanout.shape)
        workload.times = site.times(RunTimes())
        return workload
    }

    func run() async throws { try await measure() }
}

struct IdleCommand: SingleCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Memory of connections that do nothing: proportional memory of the server's process."
    )

    @OptionGroup(title: "Server") var target: ServerOptions
    @OptionGroup(title: "Tokens") var token: TokenOptions
    @Option(help: "Connections to hold.") var connections = 5000
    @OptionGroup(title: "Measuring") var site: SiteOptions

    var workload: Workload {
        Workload(
            section: "idle",
            name: "\(connections) idle",
            unit: "connections",
            kind: .idle(count: connections, hold: site.duration ?? 1)
        )
    }

    func validate() throws {
        guard (1...200_000).contains(connections) else {
            throw ValidationError("--connections is between 1 and 200,000")
        }
    }

    func run() async throws { try await measure() }
}

struct MixedCommand: SingleCommand {
    static let configuration = CommandConfiguration(
        commandName: "mixed",
        abstract: "Established connections that echo at a rate: calm first, then beside a storm of handshakes."
    )

    @OptionGroup(title: "Server") var target: ServerOptions
    @OptionGroup(title: "Tokens of the storm") var token: TokenOptions
    @OptionGroup(title: "Established connections") var echo: EchoOptions
    @OptionGroup(title: "Storm") var storm: StormOptions
    @OptionGroup(title: "Measuring") var site: SiteOptions

    var workload: Workload {
        var calls = echo.shape
        calls.rate = calls.rate ?? 2000
        var gale = storm.shape
        gale.rate = gale.rate ?? 2000
        gale.window = max(gale.window, 512)
        var workload = Workload(
            section: "mixed",
            name: "\(Int(calls.rate ?? 0)) echoes/s beside \(Int(gale.rate ?? 0)) handshakes/s",
            unit: "connections",
            kind: .mixed(calls, gale)
        )
        workload.times = site.times(RunTimes())
        return workload
    }

    func run() async throws { try await measure() }
}
