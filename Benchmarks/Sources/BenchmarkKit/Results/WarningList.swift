/// A report's warnings, each kind once: a noisy machine would say the same of every row.
public struct WarningList: Sendable {
    private struct Entry {
        var text: String
        var figure: Int
        var places: [String]
    }

    /// The warnings as lines, in the order in which they first came.
    public let lines: [String]

    /// Gathers the warnings of a report.
    public init(_ report: Report) {
        var entries: [Entry] = []
        for row in report.rows {
            for text in row.warnings {
                let place = "\(row.workload), \(row.server)"
                let figure = Self.firstNumber(text)
                if let index = entries.firstIndex(where: { Self.kind($0.text) == Self.kind(text) }) {
                    if entries[index].places.last != place { entries[index].places.append(place) }
                    guard figure > entries[index].figure else { continue }
                    entries[index].text = text
                    entries[index].figure = figure
                } else {
                    entries.append(Entry(text: text, figure: figure, places: [place]))
                }
            }
        }
        lines = entries.map { entry in
            let count = entry.places.count
            if count == 1 { return "\(entry.places[0]): \(entry.text)" }
            let named = entry.places.prefix(2).joined(separator: "; ")
            return "\(count) rows (\(named)\(count > 2 ? "; …" : "")): \(count > 1 ? "up to: " : "")\(entry.text)"
        }
    }

    /// What remains of a warning without its figures.
    static func kind(_ warning: String) -> String {
        // The number of runs in parentheses differs from row to row.
        let text =
            warning.hasSuffix(" runs)") ? warning[..<(warning.lastIndex(of: "(") ?? warning.endIndex)] : warning[...]
        return text.filter { !$0.isNumber && $0 != " " }
    }

    private static func firstNumber(_ text: String) -> Int {
        let digits = text.drop { !$0.isNumber }.prefix { $0.isNumber }
        return Int(digits) ?? 0
    }
}
