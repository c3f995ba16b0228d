/// Chooses what is drawn of a report.
enum ReportPlots {
    static func heading(_ section: String) -> String {
        switch section {
        case "auth": "Handshakes with and without tokens"
        case "connect": "Connections"
        case "echo": "RPC and echo"
        case "fan-out": "Fan-out"
        case "idle": "Idle connections"
        case "mixed": "Established connections beside a storm of handshakes"
        default: section
        }
    }

    private static func servers(_ report: Report) -> [String] {
        var names: [String] = []
        for row in report.rows where !names.contains(row.server) { names.append(row.server) }
        return names
    }

    private static func range(_ sample: Sample) -> ClosedRange<Double>? {
        guard let minimum = sample.minimum, let maximum = sample.maximum else { return nil }
        return minimum...maximum
    }

    /// Bars of every workload of a section, a bar for each server.
    static func throughput(_ report: Report, section: String) -> String? {
        let rows = report.rows.filter { $0.section == section && !$0.isRateFixed }
        guard !rows.isEmpty else { return nil }
        let servers = servers(report)
        var workloads: [String] = []
        for row in rows where !workloads.contains(row.workload) { workloads.append(row.workload) }
        func sample(_ row: ReportRow) -> Sample { row.perServerSecond.values.isEmpty ? row.rate : row.perServerSecond }
        // Workloads far apart would flatten each other: each is drawn on its own scale.
        let groups = workloads.map { workload in
            BarChart.Group(
                label: workload,
                bars: rows.filter { $0.workload == workload }.compactMap { row in
                    guard let median = sample(row).median else { return nil }
                    let colour = Palette.colour(servers.firstIndex(of: row.server) ?? 0)
                    return BarChart.Bar(
                        label: row.server,
                        parts: [.init(value: median, colour: colour, name: row.unit)],
                        figure: Figure.count(median),
                        range: range(sample(row))
                    )
                }
            )
        }
        return BarChart(groups: groups, format: Figure.count, labelWidth: 90, isScaleShared: false)
            .svg(label: heading(section))
    }

    static func idle(_ report: Report) -> String? {
        let servers = servers(report)
        let bars = report.rows.filter { $0.section == "idle" }.compactMap { row -> BarChart.Bar? in
            let sample = row.extra("bytes per connection")
            guard let median = sample.median else { return nil }
            let colour = Palette.colour(servers.firstIndex(of: row.server) ?? 0)
            return BarChart.Bar(
                label: row.server,
                parts: [.init(value: max(median, 0), colour: colour, name: "bytes")],
                figure: Figure.bytes(median),
                range: range(sample)
            )
        }
        guard !bars.isEmpty else { return nil }
        return BarChart(
            groups: [.init(label: "", bars: bars)],
            format: Figure.bytes,
            labelWidth: 90,
            isScaleShared: false
        )
        .svg(label: heading("idle"))
    }

    /// A stacked bar for each way of authenticating: the connection, and what the token adds.
    static func authCost(_ report: Report) -> String? {
        let groups = grouped(report) { cost in
            guard let base = cost.base.serverMicroseconds.median, let added = cost.difference.median else { return nil }
            return BarChart.Bar(
                label: label(cost),
                parts: [
                    .init(value: base, colour: "#aab4c0", name: "without a token"),
                    .init(value: max(added, 0), colour: Palette.colour(1), name: "the token adds"),
                ],
                figure: "\(added < 0 ? "−" : "+")\(Figure.time(abs(added)))",
                range: nil
            )
        }
        guard !groups.isEmpty else { return nil }
        return BarChart(groups: groups, format: Figure.time, labelWidth: 165).svg(label: "Cost of authentication")
    }

    static func handshakes(_ report: Report) -> String? {
        let groups = grouped(report) { cost in
            guard let median = cost.row.perServerSecond.median else { return nil }
            return BarChart.Bar(
                label: label(cost),
                parts: [.init(value: median, colour: Palette.colour(0), name: "connections")],
                figure: "\(Figure.count(median))  (\(cost.share.median.map(Figure.share) ?? "–"))",
                range: range(cost.row.perServerSecond)
            )
        }
        guard !groups.isEmpty else { return nil }
        let base = report.rows.filter { $0.section == "auth" && $0.workload.contains("no token") }
        let median = Sample(base.compactMap { $0.perServerSecond.median }).median ?? 0
        let none = BarChart.Group(
            label: "no token",
            bars: [
                .init(
                    label: "",
                    parts: [.init(value: median, colour: "#aab4c0", name: "connections")],
                    figure: Figure.count(median),
                    range: nil
                )
            ]
        )
        return BarChart(groups: [none] + groups, format: Figure.count, labelWidth: 165).svg(
            label: "Connections by algorithm"
        )
    }

    private static func label(_ cost: AuthCost) -> String {
        let tokens = cost.tokens == "same token" ? "same token" : "unique tokens"
        return cost.scheduling.isEmpty ? tokens : "\(tokens), \(cost.scheduling)"
    }

    private static func grouped(_ report: Report, _ bar: (AuthCost) -> BarChart.Bar?) -> [BarChart.Group] {
        var groups: [(label: String, bars: [BarChart.Bar])] = []
        let costs = AuthCost.all(in: report)
        let isOneServer = Set(costs.map(\.server)).count < 2
        for cost in costs {
            guard let made = bar(cost) else { continue }
            let label = isOneServer ? cost.algorithm ?? "" : "\(cost.algorithm ?? ""), \(cost.server)"
            if let index = groups.firstIndex(where: { $0.label == label }) {
                groups[index].bars.append(made)
            } else {
                groups.append((label, [made]))
            }
        }
        return groups.map { BarChart.Group(label: $0.label, bars: $0.bars) }
    }

    /// A plot for each workload that says something about latency: those at a fixed rate, else the first echo.
    static func latencies(_ report: Report) -> [(name: String, svg: String)] {
        let candidates = report.rows.filter { row in row.runs.contains { $0.latency?.curve.isEmpty == false } }
        var workloads: [String] = []
        for row in candidates where row.isRateFixed && row.section == "echo" && !workloads.contains(row.workload) {
            workloads.append(row.workload)
        }
        if let first = candidates.first(where: { $0.section == "echo" && !$0.isRateFixed })?.workload {
            workloads.append(first)
        }
        if workloads.isEmpty, let first = candidates.first(where: { $0.section != "auth" })?.workload {
            workloads.append(first)
        }
        var plots = workloads.prefix(2).map { workload in
            (workload, plot(candidates.filter { $0.workload == workload }, name: \.server))
        }
        if let handshakes = handshakeLatencies(report) { plots.append(handshakes) }
        return plots.map { (name: $0.0, svg: $0.1) }
    }

    /// A storm without a token and with unique tokens of each algorithm, as the first server verifies them first.
    private static func handshakeLatencies(_ report: Report) -> (String, String)? {
        let costs = AuthCost.all(in: report)
        guard let first = costs.first else { return nil }
        let unique = costs.filter {
            $0.server == first.server && $0.scheduling == first.scheduling && $0.tokens == "unique tokens"
        }
        let names = Dictionary(
            unique.map { ($0.row.workload, $0.algorithm ?? "") },
            uniquingKeysWith: { one, _ in one }
        )
        let svg = plot([first.base] + unique.map(\.row)) { names[$0.workload] ?? "no token" }
        return ("handshakes, unique tokens\(first.scheduling.isEmpty ? "" : ", \(first.scheduling)")", svg)
    }

    private static func plot(_ rows: [ReportRow], name: (ReportRow) -> String) -> String {
        let series = rows.compactMap { row -> LatencyPlot.Series? in
            // The run in the middle stands for all: percentiles of several runs cannot be averaged.
            let runs = row.runs.filter { $0.latency != nil }.sorted { ($0.latency?.p50 ?? 0) < ($1.latency?.p50 ?? 0) }
            guard !runs.isEmpty, let latency = runs[runs.count / 2].latency else { return nil }
            return .init(name: name(row), curve: latency.curve)
        }
        return LatencyPlot(series: series).svg(label: "Latency by percentile")
    }
}
