import ArgumentParser
import Asyngular
import EventLoop
import Logging
import ServiceLifecycle
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server.",
        discussion: """
            Prints one line, "ready ws://HOST:PORT/PATH", when it listens. Answers the procedure "echo", carries channels, \
            and serves GET /health. SIGINT and SIGTERM stop it: every client is closed with 1001. \
            SIGHUP reads the key files again.
            Every option can also be given by the environment: --ping-interval is ASYNGULAR_PING_INTERVAL, and so on.
            """
    )

    @OptionGroup(title: "Endpoint") var endpoint: EndpointOptions
    @OptionGroup(title: "Authentication") var authentication: AuthenticationOptions
    @OptionGroup(title: "Verification") var verification: VerificationOptions
    @OptionGroup(title: "Identities") var identity: IdentityOptions
    @OptionGroup(title: "Protocol") var tuning: ProtocolOptions

    @Flag(
        help: """
            Install the demo: a page at /, POST /login and a "login" procedure (both take {username, password}), and a \
            policy for the channels room/*.
            """
    )
    var demo = false

    @Option(help: "How long clients get to say goodbye when the server stops, milliseconds.")
    var drainTimeout: Int = Environment.integer("DRAIN_TIMEOUT") ?? 5000

    @Option(help: "Log level: trace, debug, info, notice, warning, error or critical.")
    var logLevel: String = Environment["LOG_LEVEL"] ?? "warning"

    func validate() throws {
        guard Logger.Level(rawValue: logLevel) != nil else { throw ValidationError("unknown log level \(logLevel)") }
        guard drainTimeout >= 0 else { throw ValidationError("--drain-timeout must not be negative") }
    }

    func run() async throws {
        var logger = Logger(label: "asyngular") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .warning

        var options = AGServerOptions()
        try endpoint.apply(to: &options)
        let keyFiles = try authentication.apply(to: &options, logger: logger)
        try verification.apply(to: &options)
        identity.apply(to: &options)
        try tuning.apply(to: &options)
        let isDemo = demo || Environment.flag("DEMO")
        if isDemo { options.actionFilter = Demo.policy }

        let server: AGServer
        do {
            server = try AGServer(options: options, logger: logger)
        } catch {
            throw ValidationError(error.message)
        }
        server.procedure("echo") { _, request in request.endWithRequestData() }
        if isDemo { Demo.install(on: server) }

        let path = options.path
        let service = AGServerService(
            server,
            addresses: [endpoint.address],
            drainDeadline: .milliseconds(drainTimeout)
        ) { addresses in
            for address in addresses { Console.line("ready \(ReadyLine.url(of: address, path: path))") }
        }
        var services = [
            ServiceGroupConfiguration.ServiceConfiguration(
                service: service,
                successTerminationBehavior: .gracefullyShutdownGroup
            )
        ]
        if let keyFiles { services.append(.init(service: KeyReloadService(files: keyFiles, logger: logger))) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services,
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        do {
            try await group.run()
        } catch let error as EventLoopError {
            Console.errorLine("error: cannot listen on \(endpoint.address): \(error)")
            throw ExitCode(1)
        }
    }
}
