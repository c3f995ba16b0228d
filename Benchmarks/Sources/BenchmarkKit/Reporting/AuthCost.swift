/// What one way of authenticating costs, beside the same connections without a token.
public struct AuthCost: Sendable {
    /// The server.
    public let server: String
    /// The algorithm; nil for connections without a token.
    public let algorithm: String?
    /// `same token` or `unique tokens`.
    public let tokens: String
    /// Where the server verifies; empty if it has no choice.
    public let scheduling: String
    /// The measured row.
    public let row: ReportRow
    /// The row without a token that was measured alternately with it.
    public let base: ReportRow

    /// The server's additional processor time for a connection, microseconds, from the rounds' differences.
    public var difference: Sample {
        var sample = Sample()
        for (run, calm) in zip(row.runs, base.runs) {
            if let mine = run.serverMicroseconds, let other = calm.serverMicroseconds { sample.add(mine - other) }
        }
        return sample
    }

    /// Connections a server second, as a share of those without a token.
    public var share: RatioSample {
        RatioSample(row.runs.map(\.perServerSecond), over: base.runs.map(\.perServerSecond))
    }

    /// The key of a workload's name: the parts that its rows have in common.
    public static func workload(algorithm: String, tokens: String, scheduling: String) -> String {
        [algorithm, tokens, scheduling].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// The costs that a report holds.
    public static func all(in report: Report) -> [AuthCost] {
        let rows = report.rows.filter { $0.section == "auth" }
        return rows.compactMap { row in
            let parts = row.workload.split(separator: ", ").map(String.init)
            guard parts.count >= 2, parts[1] != "no token" else { return nil }
            let scheduling = parts.count > 2 ? parts[2] : ""
            let name = workload(algorithm: parts[0], tokens: "no token", scheduling: scheduling)
            guard let base = rows.first(where: { $0.workload == name && $0.server == row.server }) else { return nil }
            return AuthCost(
                server: row.server,
                algorithm: parts[0],
                tokens: parts[1],
                scheduling: scheduling,
                row: row,
                base: base
            )
        }
    }
}

/// The table of the section `auth`.
struct AuthCostTable {
    let table: ReportTable

    /// How a row compares with the first server's of the same algorithm and tokens, whichever way that one verifies; with
    /// several ways, the first.
    static func ratio(_ report: Report, _ row: ReportRow) -> RatioSample? {
        let rows = report.rows.filter { $0.section == "auth" }
        guard let base = rows.first?.server, row.server != base else { return nil }
        func kind(_ row: ReportRow) -> [Substring] { Array(row.workload.split(separator: ",").prefix(2)) }
        let candidates = rows.filter { $0.server == base && kind($0) == kind(row) }
        guard let other = candidates.first(where: { $0.workload == row.workload }) ?? candidates.first,
            other.runs.count == row.runs.count
        else { return nil }
        return RatioSample(row.runs.map(row.merit), over: other.runs.map(other.merit))
    }

    init(_ report: Report) {
        let auth = report.rows.filter { $0.section == "auth" }
        let base = auth.first?.server ?? ""
        let isCompared = auth.contains { $0.server != base }
        let costs = AuthCost.all(in: report)
        func cells(_ row: ReportRow) -> [String] {
            [
                row.server, Figure.range(row.rate, Figure.count), Figure.range(row.serverMicroseconds, Figure.time),
            ]
        }
        func latencies(_ row: ReportRow) -> [String] {
            [row.p50, row.p99, row.p999].map { $0.median.map(Figure.time) ?? "–" }
        }
        table = ReportTable(
            heading: [
                "handshake", "server", "a second", "server CPU each", "more than none", "of none's rate", "loop CPU",
                "p50", "p99", "p99.9",
            ] + (isCompared ? ["to \(base)"] : []),
            rows: auth.map { row in
                let cost = costs.first { $0.row.workload == row.workload && $0.server == row.server }
                let loops = Sample(
                    row.runs.compactMap { run in
                        run.extra["server loops' CPU seconds"].map { $0 * 1_000_000 / Double(max(run.operations, 1)) }
                    }
                )
                return [row.workload] + cells(row)
                    + [
                        cost.map { Figure.range($0.difference, Figure.time) } ?? "–",
                        cost.flatMap { $0.share.median.map(Figure.share) } ?? "–",
                        loops.median.map(Figure.time) ?? "–",
                    ] + latencies(row)
                    + (isCompared
                        ? [
                            row.server == base
                                ? "1"
                                : Self.ratio(report, row).map { Figure.range($0.ratios) { Figure.text($0, 2) } } ?? "–"
                        ] : [])
            }
        )
    }
}
