import Asyngular
import EventLoop
import JSONWebToken
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What a storm of handshakes does to sockets that are open already: 64 of them echo 2,000 times a second in all, first
/// in calm, then while newcomers come with ES256 tokens at twice the rate that the pool verified in a trial. What the thread
/// that measures waits for its own core meanwhile is taken out of the echo's time, and told beside it.
///
/// Prints one line per phase and then `median` lines: the percentiles of the echo in the storm as multiples of those in
/// the calm of the same round, and the loop's longest turn. `StormProbe [rounds [seconds of a phase]]`; 5 rounds of 2 s
/// take 30 s. The server's loop has a core of its own; its workers and the clients share the others, and the clients that
/// measure go first there.
///
/// `StormProbe tokens` measures what a token costs instead, see ``TokenCost``.
@main
struct StormProbe {
    private let server: AGServer
    /// The 64 that are open, and the newcomers: on loops of their own, so that the ones measure the server and not the others.
    private let echoes: StormClient
    private let client: StormClient
    private let seconds: Double

    struct Phase {
        var p50 = 0.0
        var p99 = 0.0
        /// With what the measuring thread waited for its own core.
        var wholeP99 = 0.0
        /// Of the server's loop, milliseconds.
        var longestTurn = 0.0
        /// The same in processor time: without what others took of its core.
        var longestTurnProcessor = 0.0
        var outcomes = StormClient.Outcomes()
        /// Newcomers that were due and not started, as too many were under way.
        var skipped = 0
        /// Tokens the pool verified a second.
        var verified = 0.0
    }

    static func main() async throws {
        if CommandLine.arguments.dropFirst().first == "tokens" { return try TokenCost.measure() }
        let arguments = CommandLine.arguments.dropFirst().compactMap(Double.init)
        let rounds = Int(arguments.first ?? 5)
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        var options = AGServerOptions()
        // Each handshake is to be verified.
        options.authCaching = .never
        options.pingTimeoutDisabled = true
        // Who waits longer is refused: before as many wait as this process may have descriptors.
        options.authPoolMaximumWait = 500
        options.authKeys = AGKeyRing(signature: try SigningKey.generate(.ES256))
        let server = try AGServer(options: options)
        server.procedure("echo") { _, request in request.endWithRequestData() }
        guard case .ip(_, let port) = try await server.listen(host: "0.0.0.0", port: 0) else { return }
        var signing = SigningOptions(expiresIn: "1h")
        signing.algorithm = .ES256
        let token = try server.auth.signToken(["sub": "storm"], server.signatureKey, options: signing)
        let loops = try ["echoes", "storm"].map { name in
            var options = EventLoop.Options()
            options.name = name
            return try EventLoop(options: options)
        }
        let probe = StormProbe(
            server: server,
            echoes: StormClient(loop: loops[0], port: port, token: token),
            client: StormClient(loop: loops[1], port: port, token: token),
            seconds: arguments.count > 1 ? arguments[arguments.startIndex + 1] : 2
        )
        Placement.arrange(server: "loop-0", echoes: "echoes", storm: "storm")
        try await probe.run(rounds: rounds)
        await probe.on(probe.client) { $0.end() }
        await probe.on(probe.echoes) { $0.end() }
        await server.close(within: .seconds(1))
        for loop in loops { await loop.shutdown() }
    }

    private func run(rounds: Int) async throws {
        await withCheckedContinuation { continuation in
            echoes.loop.execute {
                echoes.start()
                echoes.connectEstablished(64) { continuation.resume() }
            }
        }
        await on(echoes) { $0.echoRate = 2000 }
        await on(client) { $0.start() }
        _ = try await phase(rate: 0)
        // As many as the server answers, 256 at a time, to learn what the pool verifies beside everything else.
        await on(client) { $0.maximumUnderWay = 256 }
        let trial = try await phase(rate: 50_000)
        await on(client) { $0.maximumUnderWay = 8000 }
        let rate = 2 * trial.verified
        report("trial", trial)
        say("storm: \(Int(rate)) handshakes/s")
        try await settle()
        var ratios: (p50: [Double], p99: [Double], whole: [Double]) = ([], [], [])
        var turns: (all: [Double], processor: [Double]) = ([], [])
        var storms: [Phase] = []
        for round in 1...rounds {
            let calm = try await phase(rate: 0)
            report("calm \(round)", calm)
            let storm = try await phase(rate: rate)
            report("storm \(round)", storm)
            ratios.p50.append(storm.p50 / calm.p50)
            ratios.p99.append(storm.p99 / calm.p99)
            ratios.whole.append(storm.wholeP99 / calm.wholeP99)
            turns.all.append(storm.longestTurn)
            turns.processor.append(storm.longestTurnProcessor)
            storms.append(storm)
            try await settle()
        }
        let lost = await on(echoes) { $0.lost }
        let failed = storms.reduce(0) { $0 + $1.outcomes.failed }
        let refused = storms.reduce(0) { $0 + $1.outcomes.refused }
        say("median p50 \(text(ratios.p50.median)) x calm")
        say(
            "median p99 \(text(ratios.p99.median)) x calm (with the client's waiting for its core \(text(ratios.whole.median)) x)"
        )
        say(
            "median longest turn \(text(turns.all.median)) ms (processor \(text(turns.processor.median)) ms, "
                + "most \(text(turns.processor.max() ?? 0)) ms)"
        )
        say("established lost \(lost), newcomers refused with 1013 \(refused), failed otherwise \(failed)")
        if lost > 0 || failed > 0 { exit(1) }
    }

    /// Lets what was started end.
    private func settle() async throws {
        while await on(client, { $0.underWay }) > 0 { try await Task.sleep(for: .milliseconds(20)) }
    }

    private func phase(rate: Double) async throws -> Phase {
        // Again, for threads that have come since.
        Placement.arrange(server: "loop-0", echoes: "echoes", storm: "storm")
        let before = await server.statistics(restartingLongestTurn: true)
        await on(echoes) { echoes in
            echoes.latencies.removeAll()
            echoes.wholeLatencies.removeAll()
        }
        await on(client) { client in
            client.outcomes = .init()
            client.skipped = 0
            client.rate = rate
        }
        let start = EventLoop.monotonicNanoseconds()
        try await Task.sleep(for: .milliseconds(Int(seconds * 1000)))
        let after = await server.statistics()
        let elapsed = Double(EventLoop.monotonicNanoseconds() - start) / 1e9
        await on(client) { $0.rate = 0 }
        var phase = await on(echoes) { echoes in
            Phase(
                p50: echoes.latencies.percentile(0.5),
                p99: echoes.latencies.percentile(0.99),
                wholeP99: echoes.wholeLatencies.percentile(0.99)
            )
        }
        if rate > 0 { try await settle() }
        (phase.outcomes, phase.skipped) = await on(client) { ($0.outcomes, $0.skipped) }
        phase.longestTurn = Double(after.loops.map(\.longestTurnNanoseconds).max() ?? 0) / 1e6
        phase.longestTurnProcessor =
            Double(after.loops.map(\.longestTurnProcessorNanoseconds).max() ?? 0) / 1e6
        func done(_ statistics: AGServerStatistics) -> Int {
            statistics.verification.tokens - statistics.verification.waiting - statistics.verification.abandoned
        }
        phase.verified = Double(done(after) - done(before)) / elapsed
        return phase
    }

    private func report(_ name: String, _ phase: Phase) {
        say(
            "\(name): p50 \(text(phase.p50)) ms, p99 \(text(phase.p99)) ms (whole \(text(phase.wholeP99)) ms), longest turn \(text(phase.longestTurn)) ms "
                + "(processor \(text(phase.longestTurnProcessor)) ms), "
                + "\(Int(phase.verified)) verified/s, \(phase.outcomes.accepted) accepted, "
                + "\(phase.outcomes.refused) refused, \(phase.outcomes.failed) failed, "
                + "\(phase.outcomes.started) of \(phase.outcomes.started + phase.skipped) started"
        )
    }

    /// Prints a line at once, also into a pipe.
    private func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    private func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    private func on<R: Sendable>(
        _ client: StormClient,
        _ body: @escaping @Sendable (StormClient) -> R
    ) async -> R {
        await withCheckedContinuation { continuation in
            client.loop.execute { continuation.resume(returning: body(client)) }
        }
    }
}
