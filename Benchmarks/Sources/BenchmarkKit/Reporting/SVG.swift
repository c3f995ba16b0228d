/// Writes the pieces of a picture.
struct SVG {
    let width: Double
    let height: Double
    private var body = ""

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// The whole picture, to be set into a page.
    func text(label: String) -> String {
        """
        <svg viewBox="0 0 \(Self.number(width)) \(Self.number(height))" role="img" aria-label="\(HTML.escape(label))">
        \(body)</svg>
        """
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) {
        body +=
            "<line x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\" class=\"\(name)\"/>\n"
    }

    mutating func rectangle(
        _ x: Double,
        _ y: Double,
        _ width: Double,
        _ height: Double,
        fill: String,
        title: String = ""
    ) {
        body += "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(max(width, 0)))\" "
        body += "height=\"\(Self.number(max(height, 0)))\" fill=\"\(fill)\" rx=\"1.5\">"
        body += title.isEmpty ? "</rect>\n" : "<title>\(HTML.escape(title))</title></rect>\n"
    }

    /// - Parameter anchor: `start`, `middle` or `end`.
    mutating func text(_ text: String, _ x: Double, _ y: Double, anchor: String = "start", class name: String = "") {
        body += "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\""
        body += name.isEmpty ? ">" : " class=\"\(name)\">"
        body += "\(HTML.escape(text))</text>\n"
    }

    mutating func path(_ points: [(x: Double, y: Double)], stroke: String, title: String) {
        guard let first = points.first else { return }
        var data = "M\(Self.number(first.x)) \(Self.number(first.y))"
        for point in points.dropFirst() { data += "L\(Self.number(point.x)) \(Self.number(point.y))" }
        body +=
            "<path d=\"\(data)\" fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"2\"><title>\(HTML.escape(title))</title></path>\n"
    }

    static func number(_ value: Double) -> String { Figure.text(value, 1) }
}

/// Text in a page.
enum HTML {
    static func escape(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}
