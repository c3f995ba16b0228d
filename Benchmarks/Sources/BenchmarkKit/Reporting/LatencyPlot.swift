import Foundation

/// Latency by percentile. The horizontal scale stretches the tail: each step to the right holds a tenth of the requests of
/// the step before.
struct LatencyPlot {
    struct Series {
        let name: String
        let curve: [LatencySummary.Point]
    }

    let series: [Series]

    func svg(label: String) -> String {
        var svg = SVG(width: 600, height: 300)
        let values = series.flatMap(\.curve).map(\.microseconds).filter { $0 > 0 }
        let axis = Axis.logarithmic(minimum: values.min() ?? 1, maximum: values.max() ?? 10)
        let (left, top, right, bottom) = (58.0, 10.0, 470.0, 256.0)
        let decades = max(2, series.flatMap(\.curve).map { Self.place($0.percentile) }.max() ?? 2)
        func x(_ percentile: Double) -> Double { left + Self.place(percentile) / decades * (right - left) }
        func y(_ value: Double) -> Double { bottom - axis.position(value) * (bottom - top) }
        for tick in axis.ticks {
            svg.line(left, y(tick), right, y(tick), class: "grid")
            svg.text(Self.tick(tick), left - 8, y(tick) + 4, anchor: "end", class: "tick")
        }
        for (percentile, text) in [(0, "0"), (50, "50"), (90, "90"), (99, "99"), (99.9, "99.9"), (99.99, "99.99")]
            as [(Double, String)]
        where Self.place(percentile) <= decades + 0.01 {
            svg.line(x(percentile), top, x(percentile), bottom, class: "grid")
            svg.text(text, x(percentile), bottom + 17, anchor: "middle", class: "tick")
        }
        svg.line(left, bottom, right, bottom, class: "axis")
        svg.text(
            "per cent of the requests take no longer",
            (left + right) / 2,
            bottom + 36,
            anchor: "middle",
            class: "tick"
        )
        for (index, one) in series.enumerated() {
            let colour = Palette.colour(index)
            svg.path(one.curve.map { (x($0.percentile), y($0.microseconds)) }, stroke: colour, title: one.name)
            svg.rectangle(right + 18, top + 8 + Double(index) * 22, 12, 12, fill: colour)
            svg.text(one.name, right + 36, top + 18 + Double(index) * 22)
        }
        return svg.text(label: label)
    }

    private static func place(_ percentile: Double) -> Double { -log10(max(1 - percentile / 100, 1e-6)) }

    private static func tick(_ microseconds: Double) -> String {
        switch microseconds {
        case ..<1: "\(Figure.text(microseconds * 1000, 0)) ns"
        case ..<1000: "\(Figure.text(microseconds, 0)) µs"
        case ..<1_000_000: "\(Figure.text(microseconds / 1000, 0)) ms"
        default: "\(Figure.text(microseconds / 1_000_000, 0)) s"
        }
    }
}
