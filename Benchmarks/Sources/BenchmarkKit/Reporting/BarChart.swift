/// Horizontal bars in groups; a bar may be stacked of several parts and have a range.
struct BarChart {
    struct Part {
        let value: Double
        let colour: String
        let name: String
    }

    struct Bar {
        let label: String
        let parts: [Part]
        /// Written behind the bar.
        let figure: String
        let range: ClosedRange<Double>?

        var total: Double { parts.reduce(0) { $0 + $1.value } }
    }

    struct Group {
        let label: String
        let bars: [Bar]
    }

    private static let width = 600.0

    let groups: [Group]
    /// How the axis' figures are written.
    let format: (Double) -> String
    /// Space for labels.
    var labelWidth = 170.0
    /// Whether all groups share a scale. If not, each is drawn against its own longest bar.
    var isScaleShared = true

    func svg(label: String) -> String {
        let barHeight = 18.0
        let barGap = 5.0
        let groupGap = 14.0
        let headingHeight = groups.count > 1 || groups.first?.label.isEmpty == false ? 20.0 : 0
        let bars = groups.reduce(0) { $0 + $1.bars.count }
        let plotHeight = Double(bars) * (barHeight + barGap) + Double(groups.count) * (groupGap + headingHeight)
        var svg = SVG(width: Self.width, height: plotHeight + (isScaleShared ? 22 : 0))
        let largest = groups.flatMap(\.bars).map { max($0.total, $0.range?.upperBound ?? 0) }.max() ?? 1
        let shared = Axis.linear(maximum: largest)
        let left = labelWidth
        let plotWidth = Self.width - left - 112
        for tick in isScaleShared ? shared.ticks : [] {
            svg.text(
                format(tick),
                left + shared.position(tick) * plotWidth,
                plotHeight + 12,
                anchor: "middle",
                class: "tick"
            )
        }
        var y = 0.0
        for group in groups {
            if headingHeight > 0 {
                svg.text(group.label, 0, y + 14, class: "group")
                y += headingHeight
            }
            let longest = group.bars.map { max($0.total, $0.range?.upperBound ?? 0) }.max() ?? 1
            let axis =
                isScaleShared ? shared : Axis(isLogarithmic: false, lower: 0, upper: max(longest, 1e-9), ticks: [])
            for tick in isScaleShared ? shared.ticks : [0] {
                let x = left + axis.position(tick) * plotWidth
                let end = y + Double(group.bars.count) * (barHeight + barGap) - barGap
                svg.line(x, y - 3, x, end + 3, class: tick == 0 ? "axis" : "grid")
            }
            for bar in group.bars {
                svg.text(bar.label, left - 8, y + 13, anchor: "end")
                var x = left
                for part in bar.parts where part.value > 0 {
                    let width = axis.position(part.value) * plotWidth
                    svg.rectangle(
                        x,
                        y,
                        width,
                        barHeight,
                        fill: part.colour,
                        title: "\(bar.label), \(part.name): \(format(part.value))"
                    )
                    x += width
                }
                var end = x
                if let range = bar.range, range.lowerBound < range.upperBound {
                    let low = left + axis.position(range.lowerBound) * plotWidth
                    let high = left + axis.position(range.upperBound) * plotWidth
                    let middle = y + barHeight / 2
                    svg.line(low, middle, high, middle, class: "range")
                    svg.line(low, middle - 4, low, middle + 4, class: "range")
                    svg.line(high, middle - 4, high, middle + 4, class: "range")
                    end = max(end, high)
                }
                svg.text(bar.figure, end + 7, y + 13, class: "figure")
                y += barHeight + barGap
            }
            y += groupGap
        }
        return svg.text(label: label)
    }
}
