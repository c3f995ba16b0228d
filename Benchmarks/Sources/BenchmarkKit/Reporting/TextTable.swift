/// Lines and columns for a terminal.
public enum TextTable {
    /// Lays rows out, the first being the heading; the first columns to the left, the others to the right.
    /// - Parameters:
    ///   - rows: texts; a row that is shorter is filled up.
    ///   - leftColumns: how many columns are set to the left.
    public static func layout(_ rows: [[String]], leftColumns: Int = 2) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        func line(_ row: [String]) -> String {
            var text = ""
            for column in 0..<columns {
                let cell = row.count > column ? row[column] : ""
                let blank = String(repeating: " ", count: widths[column] - cell.count)
                text += (column > 0 ? "  " : "") + (column < leftColumns ? cell + blank : blank + cell)
            }
            while text.last == " " { text.removeLast() }
            return text
        }
        guard let heading = rows.first else { return "" }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "──")
        return ([line(heading), rule] + rows.dropFirst().map(line)).joined(separator: "\n") + "\n"
    }
}
