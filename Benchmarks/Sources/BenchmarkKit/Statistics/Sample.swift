/// Figures of the same thing measured several times.
public struct Sample: Sendable, Equatable, Codable {
    /// The figures in the order they were taken.
    public var values: [Double]

    /// Creates a sample.
    public init(_ values: [Double] = []) {
        self.values = values
    }

    /// Adds a figure; one that is no number is left out.
    public mutating func add(_ value: Double) {
        if value.isFinite { values.append(value) }
    }

    /// The middle figure, or the mean of the two in the middle; nil if there is none.
    public var median: Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The smallest figure.
    public var minimum: Double? { values.min() }

    /// The largest figure.
    public var maximum: Double? { values.max() }

    /// The range as a share of the median: 0.1 is plus or minus 5 % around it. 0 for fewer than two figures.
    public var spread: Double {
        guard values.count > 1, let median, let minimum, let maximum, median != 0 else { return 0 }
        return (maximum - minimum) / abs(median)
    }
}
