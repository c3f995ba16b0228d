/// One measured run.
public struct RunResult: Sendable, Codable {
    /// Connections, messages or deliveries: what the run's kind counts.
    public var operations: UInt64 = 0
    /// What went wrong: refused, lost or wrongly answered.
    public var errors: UInt64 = 0
    /// The measured span, seconds.
    public var seconds: Double = 0
    /// The server's time on processors, seconds; nil without its process id.
    public var serverCPU: Double?
    /// The load generator's own time, seconds.
    public var clientCPU: Double = 0
    /// Latencies, if the run's kind has any.
    public var latency: LatencySummary?
    /// The server's memory at the end, bytes.
    public var resident: UInt64?
    /// The server's proportional memory at the end, bytes.
    public var proportional: UInt64?
    /// Share of the processors' time the hypervisor took.
    public var steal: Double = 0
    /// Share of the processors' time used by others than server and client.
    public var others: Double = 0
    /// Further figures of the run's kind, by name.
    public var extra: [String: Double] = [:]
    /// What spoils the figures.
    public var warnings: [String] = []

    /// An empty result.
    public init() {}

    /// Operations a second.
    public var rate: Double { seconds > 0 ? Double(operations) / seconds : 0 }

    /// Operations a second of the server's processor time: what one processor could do, whatever the client's speed.
    public var perServerSecond: Double? {
        guard let serverCPU, serverCPU > 0 else { return nil }
        return Double(operations) / serverCPU
    }

    /// The server's processor time for one operation, microseconds.
    public var serverMicroseconds: Double? {
        guard let serverCPU, operations > 0 else { return nil }
        return serverCPU * 1_000_000 / Double(operations)
    }

    /// The load generator's processor time for one operation, microseconds.
    public var clientMicroseconds: Double { operations > 0 ? clientCPU * 1_000_000 / Double(operations) : 0 }
}
