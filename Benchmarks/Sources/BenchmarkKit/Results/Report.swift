import Foundation

/// All that a call of the tool measured.
public struct Report: Sendable, Codable {
    /// The report's heading.
    public var title: String
    /// The command that made it, without keys.
    public var command: [String]
    /// When it was begun, ISO 8601.
    public var date: String
    /// Where.
    public var machine: MachineDescription
    /// How processors were given out, loops, versions and the like.
    public var setting: [String: String]
    /// What was measured.
    public var rows: [ReportRow]
    /// The servers' notes, by name.
    public var servers: [String: String]

    /// An empty report.
    public init(title: String, command: [String], setting: [String: String] = [:]) {
        self.title = title
        self.command = command
        date = Date().ISO8601Format()
        machine = .current()
        self.setting = setting
        rows = []
        servers = [:]
    }

    /// The row of that workload and server, added if it is not there.
    public mutating func record(_ result: RunResult, in row: ReportRow) {
        if let index = rows.firstIndex(where: { $0.workload == row.workload && $0.server == row.server }) {
            rows[index].runs.append(result)
        } else {
            var row = row
            row.runs = [result]
            rows.append(row)
        }
    }

    /// How a row compares with the row of the same workload of another server, round by round.
    public func ratio(of row: ReportRow, to base: String) -> RatioSample? {
        guard row.server != base,
            let other = rows.first(where: { $0.workload == row.workload && $0.server == base }),
            other.runs.count == row.runs.count
        else { return nil }
        return RatioSample(row.runs.map(row.merit), over: other.runs.map(other.merit))
    }

    /// The report as JSON, with the figures that are derived from the runs left to the reader.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// Whether any run met an error.
    public var hasErrors: Bool { rows.contains { $0.runs.contains { $0.errors > 0 } } }
}
