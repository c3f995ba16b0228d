/// Durations, from which percentiles are read.
struct Histogram {
    private var values: [UInt64] = []

    mutating func add(_ nanoseconds: UInt64) {
        values.append(nanoseconds)
    }

    mutating func removeAll() {
        values.removeAll(keepingCapacity: true)
    }

    var count: Int { values.count }

    /// In milliseconds; 0 without values.
    func percentile(_ fraction: Double) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]) / 1e6
    }
}

extension [Double] {
    var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
