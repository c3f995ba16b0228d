import JSONWebToken

/// The workloads that `Scripts/bench` runs.
public struct StandardSet: Sendable {
    /// How thorough a set is.
    public enum Extent: String, Sendable, CaseIterable {
        /// Under ten minutes.
        case standard
        /// Under a minute.
        case quick
        /// Some seconds: whether everything works.
        case smoke
    }

    /// The workloads.
    public let workloads: [Workload]
    /// How often each is measured.
    public let rounds: Int

    /// Makes a set.
    /// - Parameter servers: how many take part. The times are for three; more servers get shorter ones, so that the whole
    ///   stays within its limit.
    public init(_ extent: Extent, servers: Int = 3) {
        let share = min(1, 3 / Double(max(servers, 1)))
        var times = RunTimes()
        let storm: (seconds: Double, limit: Int)
        let idle: Int
        switch extent {
        case .standard:
            rounds = 5
            times.warmup = 0.3
            times.duration = 1.3 * share
            storm = (1.1 * share, 20_000)
            idle = 5000
        case .quick:
            rounds = 1
            times.warmup = 0.15
            times.duration = 0.5 * share
            storm = (0.4 * share, 6000)
            idle = 1000
        case .smoke:
            rounds = 1
            times.warmup = 0.1
            times.duration = 0.3
            storm = (0.2, 400)
            idle = 300
        }
        let isSmoke = extent == .smoke
        var all: [Workload] = []
        func add(
            _ section: String,
            _ name: String,
            _ unit: String,
            _ kind: Workload.Kind,
            _ change: (inout Workload) -> Void = { _ in }
        ) {
            var workload = Workload(section: section, name: name, unit: unit, kind: kind)
            workload.times = times
            change(&workload)
            all.append(workload)
        }
        let connect = Workload.Kind.connect(StormDriver.Shape(), seconds: storm.seconds, limit: storm.limit)
        add("connect", "connect, no token", "connections", connect)
        add("connect", "connect, HS256, same token", "connections", connect) { $0.tokens = .same(.HS256) }
        add("connect", "connect, HS256, unique tokens", "connections", connect) { $0.tokens = .unique(.HS256) }

        func echo(size: Int = 64, depth: Int = 1, rate: Double? = nil) -> Workload.Kind {
            var shape = EchoDriver.Shape()
            shape.size = size
            shape.depth = depth
            shape.rate = rate
            return .echo(shape)
        }
        add("echo", "echo 64 B, depth 1", "messages", echo())
        add("echo", "echo 64 B, depth 16", "messages", echo(depth: 16))
        add("echo", "echo 16 KiB, depth 1", "messages", echo(size: 16_384))
        add("echo", "echo 64 B at 8,000/s", "messages", echo(rate: 8000))
        add("echo", "plain WebSocket echo 64 B", "messages", echo()) { $0.isPlain = true }

        func fanout(_ inFlight: Int) -> Workload.Kind {
            var shape = FanoutDriver.Shape()
            shape.subscribers = isSmoke ? 100 : 1000
            shape.inFlight = inFlight
            return .fanout(shape)
        }
        let subscribers = isSmoke ? "100" : "1,000"
        add("fan-out", "fan-out to \(subscribers), 128 B, 1 in flight", "deliveries", fanout(1))
        add("fan-out", "fan-out to \(subscribers), 128 B, 16 in flight", "deliveries", fanout(16))

        let count = idle >= 1000 ? "\(idle / 1000),000" : String(idle)
        add("idle", "\(count) idle, authenticated", "connections", .idle(count: idle, hold: 0.5)) {
            $0.tokens = .same(.HS256)
            $0.roundLimit = 3
        }

        var established = EchoDriver.Shape()
        established.rate = 2000
        var gale = StormDriver.Shape()
        gale.rate = 3000
        gale.window = 512
        add("mixed", "2,000 echoes/s beside 3,000 handshakes/s", "connections", .mixed(established, gale)) {
            $0.tokens = .unique(.HS256)
            $0.roundLimit = 3
        }
        workloads = all
    }
}
