public import Histogram

/// Latencies in nanoseconds, up to a minute, kept to three digits (HdrHistogram).
public struct LatencyHistogram: Sendable {
    /// The longest latency told apart, nanoseconds: one minute. Longer ones count as this.
    public static let longest: UInt64 = 60_000_000_000

    @usableFromInline var storage: Histogram<UInt64>

    /// An empty histogram.
    public init() {
        storage = Histogram(
            lowestDiscernibleValue: 16,
            highestTrackableValue: Self.longest,
            numberOfSignificantValueDigits: .three
        )
    }

    /// Counts one latency.
    /// - Parameter nanoseconds: from the moment the request was due to the moment its answer was read.
    @inlinable
    public mutating func record(_ nanoseconds: UInt64) {
        _ = storage.record(nanoseconds < Self.longest ? nanoseconds : Self.longest)
    }

    /// Counts the same latency several times.
    /// - Parameters:
    ///   - nanoseconds: of each.
    ///   - count: how many requests had it.
    @inlinable
    public mutating func record(_ nanoseconds: UInt64, count: Int) {
        _ = storage.record(nanoseconds < Self.longest ? nanoseconds : Self.longest, count: UInt64(count))
    }

    /// Counts one latency and, if it is longer than the interval at which requests should have gone out, those of the
    /// requests that the wait held back (HdrHistogram's correction for closed loops).
    public mutating func record(_ nanoseconds: UInt64, expectedInterval: UInt64) {
        _ = storage.recordCorrectedValue(min(nanoseconds, Self.longest), expectedInterval: expectedInterval)
    }

    /// Adds another histogram's counts.
    public mutating func merge(_ other: LatencyHistogram) {
        guard other.count > 0 else { return }
        storage.add(other.storage)
    }

    /// Latencies counted.
    public var count: UInt64 { storage.totalCount }

    /// The latency that `percentile` per cent of the requests did not exceed, nanoseconds.
    public func value(atPercentile percentile: Double) -> UInt64 {
        count == 0 ? 0 : storage.valueAtPercentile(percentile)
    }

    /// The mean, nanoseconds.
    public var mean: Double { count == 0 ? 0 : storage.mean }

    /// The longest latency counted, nanoseconds.
    public var maximum: UInt64 { count == 0 ? 0 : storage.max }
}
