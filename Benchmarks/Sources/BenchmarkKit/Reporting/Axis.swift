import Foundation

/// A scale of a plot.
struct Axis {
    let isLogarithmic: Bool
    let lower: Double
    let upper: Double
    let ticks: [Double]

    /// A linear scale from 0 to a round number above `maximum`.
    static func linear(maximum: Double) -> Axis {
        let wanted = max(maximum, 1e-9) / 4
        let magnitude = pow(10, floor(log10(wanted)))
        let step = [1, 2, 2.5, 5, 10].map { $0 * magnitude }.first { $0 >= wanted } ?? 10 * magnitude
        let count = Int((maximum / step).rounded(.up))
        return Axis(
            isLogarithmic: false,
            lower: 0,
            upper: step * Double(max(count, 1)),
            ticks: (0...max(count, 1)).map { Double($0) * step }
        )
    }

    /// A logarithmic scale over whole decades, or their halves where there are few.
    static func logarithmic(minimum: Double, maximum: Double) -> Axis {
        let first = Int(floor(log10(max(minimum, 1e-3))))
        let last = max(Int(ceil(log10(max(maximum, 2e-3)))), first + 1)
        let decades = (first...last).map { pow(10, Double($0)) }
        return Axis(isLogarithmic: true, lower: decades[0], upper: decades[decades.count - 1], ticks: decades)
    }

    /// Where a value lies, from 0 to 1.
    func position(_ value: Double) -> Double {
        let clamped = min(max(value, lower), upper)
        return isLogarithmic
            ? (log10(clamped) - log10(lower)) / (log10(upper) - log10(lower)) : (clamped - lower) / (upper - lower)
    }
}
