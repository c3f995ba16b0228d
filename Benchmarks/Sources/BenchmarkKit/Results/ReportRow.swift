/// One workload on one server, measured several times.
public struct ReportRow: Sendable, Codable {
    /// The part of the report it belongs to: `connect`, `echo`, `fan-out`, `idle`, `mixed` or `auth`.
    public var section: String
    /// What was done.
    public var workload: String
    /// To which server.
    public var server: String
    /// What is counted: `connections`, `messages`, `deliveries`.
    public var unit: String
    /// The repetitions in their order; rounds that failed are missing.
    public var runs: [RunResult]
    /// What a bar of a chart is called, where the workload's name is too long.
    public var label: String?
    /// Whether the runs hold a rate, so that the rate says nothing.
    public var isRateFixed = false

    /// Creates a row.
    public init(section: String, workload: String, server: String, unit: String, runs: [RunResult] = []) {
        self.section = section
        self.workload = workload
        self.server = server
        self.unit = unit
        self.runs = runs
    }

    private func sample(_ figure: (RunResult) -> Double?) -> Sample { Sample(runs.compactMap(figure)) }

    /// Operations a second.
    public var rate: Sample { sample { $0.seconds > 0 ? $0.rate : nil } }
    /// Operations a second of the server's processor time.
    public var perServerSecond: Sample { sample { $0.perServerSecond } }
    /// The server's processor time for an operation, microseconds.
    public var serverMicroseconds: Sample { sample { $0.serverMicroseconds } }
    /// The load generator's processor time for an operation, microseconds.
    public var clientMicroseconds: Sample { sample { $0.clientMicroseconds } }
    /// The share of the span that the server was busy.
    public var serverBusy: Sample { sample { run in run.serverCPU.map { $0 / run.seconds } } }
    /// The share of the span that the load generator was busy.
    public var clientBusy: Sample { sample { $0.seconds > 0 ? $0.clientCPU / $0.seconds : nil } }
    /// The median latency, microseconds.
    public var p50: Sample { sample { $0.latency?.p50 } }
    /// Microseconds that 99 per cent do not exceed.
    public var p99: Sample { sample { $0.latency?.p99 } }
    /// Microseconds that 99.9 per cent do not exceed.
    public var p999: Sample { sample { $0.latency?.p999 } }

    /// A further figure of the row's kind.
    public func extra(_ name: String) -> Sample { sample { $0.extra[name] } }

    /// What rows of this kind are compared by, a larger figure being the better one: operations a second of the server's
    /// processor time if that is known.
    public func merit(_ run: RunResult) -> Double? {
        guard run.operations > 0 else { return nil }
        if let bytes = run.extra["bytes per connection"] { return bytes > 0 ? 1 / bytes : nil }
        return run.perServerSecond ?? run.rate
    }

    /// Every warning of the row once, with the number of runs it was given in.
    public var warnings: [String] {
        var seen: [(text: String, count: Int)] = []
        for text in runs.flatMap(\.warnings) {
            if let index = seen.firstIndex(where: { WarningList.kind($0.text) == WarningList.kind(text) }) {
                seen[index].count += 1
            } else {
                seen.append((text, 1))
            }
        }
        let spread = Judgement.warnings(perServerSecond.values.isEmpty ? rate : perServerSecond)
        return seen.map { $0.count > 1 ? "\($0.text) (\($0.count) of \(runs.count) runs)" : $0.text } + spread
    }
}
