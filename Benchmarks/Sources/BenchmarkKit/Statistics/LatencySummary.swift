/// What a report keeps of a histogram, microseconds.
public struct LatencySummary: Sendable, Equatable, Codable {
    /// A point of the distribution.
    public struct Point: Sendable, Equatable, Codable {
        /// The share of requests, per cent.
        public let percentile: Double
        /// What they did not exceed, microseconds.
        public let microseconds: Double

        /// Creates a point.
        public init(percentile: Double, microseconds: Double) {
            self.percentile = percentile
            self.microseconds = microseconds
        }
    }

    /// Requests counted.
    public let count: UInt64
    /// The mean.
    public let mean: Double
    /// The median.
    public let p50: Double
    /// 90 per cent are no longer.
    public let p90: Double
    /// 99 per cent are no longer.
    public let p99: Double
    /// 99.9 per cent are no longer.
    public let p999: Double
    /// The longest.
    public let maximum: Double
    /// The distribution, for a plot.
    public let curve: [Point]

    /// The percentiles of a plot: dense where the tail is.
    static let curvePercentiles: [Double] = [
        0, 5, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 96, 97, 98, 98.5, 99, 99.3, 99.5, 99.7, 99.8, 99.9,
        99.95, 99.99,
    ]

    /// Sums a histogram up.
    public init(_ histogram: LatencyHistogram) {
        func micros(_ percentile: Double) -> Double { Double(histogram.value(atPercentile: percentile)) / 1000 }
        count = histogram.count
        mean = histogram.mean / 1000
        p50 = micros(50)
        p90 = micros(90)
        p99 = micros(99)
        p999 = micros(99.9)
        maximum = Double(histogram.maximum) / 1000
        // A percentile is told only if at least one request lies above it.
        curve = Self.curvePercentiles
            .filter { Double(histogram.count) * (100 - $0) / 100 >= 1 }
            .map { Point(percentile: $0, microseconds: micros($0)) }
    }
}
