/// The report's table, for the terminal and for the page.
public struct ReportTable {
    /// The headings.
    public let heading: [String]
    /// The rows, as long as the headings.
    public let rows: [[String]]

    /// Makes the table of the rows of one section.
    public init(_ report: Report, section: String) {
        let shown = report.rows.filter { $0.section == section }
        let base = shown.first?.server ?? ""
        let isCompared = Set(shown.map(\.server)).count > 1
        let hasServerTime = shown.contains { !$0.perServerSecond.values.isEmpty }
        switch section {
        case "idle":
            heading = ["workload", "server", "per connection", "resident"] + (isCompared ? ["to \(base)"] : [])
            rows = shown.map { row in
                [
                    row.workload, row.server, Figure.range(row.extra("bytes per connection"), Figure.bytes),
                    Figure.range(row.extra("resident bytes per connection"), Figure.bytes),
                ] + (isCompared ? [Self.ratio(report, row, base)] : [])
            }
        case "mixed":
            heading = [
                "workload", "server", "handshakes/s", "echo p50 calm", "storm", "p99 calm", "storm", "p99.9 calm",
                "storm",
            ]
            rows = shown.map { row in
                [row.workload, row.server, Figure.range(row.rate, Figure.count)]
                    + ["p50", "p99", "p99.9"].flatMap { name in
                        ["calm", "storm"].map { phase in
                            row.extra("echo \(name) µs, \(phase)").median.map(Figure.time) ?? "–"
                        }
                    }
            }
        default:
            heading =
                ["workload", "server", "a second"]
                + (hasServerTime ? ["per server CPU s", "server CPU each", "server busy"] : [])
                + ["client busy", "client CPU each", "p50", "p99", "p99.9"] + (isCompared ? ["to \(base)"] : [])
            rows = shown.map { row in
                var cells = [row.workload, row.server, Figure.range(row.rate, Figure.count)]
                if hasServerTime {
                    cells += [
                        Figure.range(row.perServerSecond, Figure.count),
                        row.serverMicroseconds.median.map(Figure.time) ?? "–",
                        row.serverBusy.median.map(Figure.share) ?? "–",
                    ]
                }
                cells += [row.clientBusy.median.map(Figure.share) ?? "–"]
                cells += [row.clientMicroseconds.median.map(Figure.time) ?? "–"]
                cells += [row.p50, row.p99, row.p999].map { $0.median.map(Figure.time) ?? "–" }
                return cells + (isCompared ? [Self.ratio(report, row, base)] : [])
            }
        }
    }

    private static func ratio(_ report: Report, _ row: ReportRow, _ base: String) -> String {
        if row.server == base { return "1" }
        guard let ratio = report.ratio(of: row, to: base) else { return "–" }
        return Figure.range(ratio.ratios) { Figure.text($0, 2) }
    }

    /// The sections of a report in their order.
    public static func sections(_ report: Report) -> [String] {
        var sections: [String] = []
        for row in report.rows where !sections.contains(row.section) { sections.append(row.section) }
        return sections
    }

    /// The whole report for a terminal.
    public static func text(_ report: Report) -> String {
        var text = ""
        for section in sections(report) {
            let table = section == "auth" ? AuthCostTable(report).table : ReportTable(report, section: section)
            text += "\n\(section)\n" + TextTable.layout([table.heading] + table.rows)
        }
        let warnings = WarningList(report).lines
        if !warnings.isEmpty { text += "\n" + warnings.map { "warning: \($0)\n" }.joined() }
        return text
    }

    init(heading: [String], rows: [[String]]) {
        self.heading = heading
        self.rows = rows
    }
}
