import BenchmarkKit
import CBenchSupport
import JSONWebToken

/// Something to do to a server, by name.
public struct Workload: Sendable {
    /// Which token the connections present.
    public enum TokenUse: Sendable, Equatable {
        /// None.
        case none
        /// All the same one, which a server may remember.
        case same(Algorithm)
        /// One each, never shown before.
        case unique(Algorithm)

        /// The algorithm that signs them.
        public var algorithm: Algorithm? {
            switch self {
            case .none: nil
            case .same(let algorithm), .unique(let algorithm): algorithm
            }
        }
    }

    /// What is done.
    public enum Kind: Sendable {
        /// A storm: as many connections as take about `seconds`, at most `limit`.
        case connect(StormDriver.Shape, seconds: Double, limit: Int)
        /// RPC, or plain echo if the dialect is plain.
        case echo(EchoDriver.Shape)
        /// Publications to many.
        case fanout(FanoutDriver.Shape)
        /// Memory of connections.
        case idle(count: Int, hold: Double)
        /// Echo beside a storm.
        case mixed(EchoDriver.Shape, StormDriver.Shape)
    }

    /// The part of the report it belongs to.
    public let section: String
    /// Its name.
    public let name: String
    /// What it counts.
    public let unit: String
    /// What it does.
    public let kind: Kind
    /// The tokens that connections present.
    public var tokens: TokenUse = .none
    /// Whether it uses plain WebSocket messages.
    public var isPlain = false
    /// Fewer rounds than the set's, where a run takes long and repeats well.
    public var roundLimit: Int?
    /// Times of runs that last a given time.
    public var times = RunTimes()

    /// Creates a workload.
    public init(section: String, name: String, unit: String, kind: Kind) {
        self.section = section
        self.name = name
        self.unit = unit
        self.kind = kind
    }

    /// Whether the load is held at a rate.
    public var isRateFixed: Bool {
        switch kind {
        case .connect(let shape, _, _): shape.rate != nil
        case .echo(let shape): shape.rate != nil
        case .mixed, .idle: true
        case .fanout: false
        }
    }

    /// Whether each repetition needs a process of its own: memory that earlier ones left behind would be used again, and count as
    /// none.
    public var needsFreshServer: Bool {
        if case .idle = kind { true } else { false }
    }

    /// Does it once.
    /// - Parameters:
    ///   - site: where load is made.
    ///   - target: the server.
    ///   - pid: the server's process.
    ///   - keys: signs the tokens.
    public func run(site: LoadSite, target: LoadTarget, pid: Int32?, keys: KeyRing) async throws -> RunResult {
        func plan(_ tokens: TokenSupply) -> LoadRun {
            LoadRun(site: site, plan: LoadPlan(target: target, tokens: tokens), pid: pid)
        }
        let workers = max(site.clientProcessors.nonzeroBitCount, 1)
        func supply(_ use: TokenUse, _ count: Int) async throws -> TokenSupply {
            guard let algorithm = use.algorithm else { return .none }
            let key = try keys.entry(for: algorithm).signing
            return TokenSupply(
                tokens: try await TokenFactory.sign(count, algorithm: algorithm, key: key, workers: workers)
            )
        }
        switch kind {
        case .connect(let shape, let seconds, let limit):
            // Warm-up, and how many connections fill the time. Their token is another one than those that are measured.
            let first = try await supply(tokens, 1)
            let started = bench_now()
            let sounding = shape.rate.map { max(Int($0 * 0.3), 20) } ?? 400
            _ = try await plan(first).connect(count: sounding, warmup: 0, shape: shape)
            // The settling time is part of it and makes the estimate careful.
            let rate = shape.rate ?? Double(sounding) / max(Double(bench_now() - started) / 1e9 - 0.15, 0.001)
            let count = min(max(Int(rate * seconds), 200), limit)
            if case .unique = tokens {
                return try await plan(supply(tokens, count)).connect(count: count, warmup: 0, shape: shape)
            }
            return try await plan(first).connect(count: count, warmup: 0, shape: shape)
        case .echo(let shape):
            return try await plan(supply(tokens, 1)).echo(shape, times: times)
        case .fanout(let shape):
            return try await plan(supply(tokens, 1)).fanout(shape, times: times)
        case .idle(let count, let hold):
            return try await plan(supply(tokens, 1)).idle(count: count, hold: hold)
        case .mixed(let shape, let storm):
            let count = storm.rate.map { Int($0 * times.duration) } ?? 2000
            var supplied = TokenSupply.none
            switch tokens {
            case .none: break
            case .same: supplied = try await supply(tokens, 1)
            case .unique: supplied = try await supply(tokens, count)
            }
            return try await plan(.none).mixed(
                shape,
                storm: storm,
                stormPlan: LoadPlan(target: target, tokens: supplied),
                times: times
            )
        }
    }
}
