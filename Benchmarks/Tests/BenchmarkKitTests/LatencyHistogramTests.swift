import BenchmarkKit
import Testing

struct LatencyHistogramTests {
    @Test func percentilesOfAUniformRange() {
        var histogram = LatencyHistogram()
        for value in 1...10_000 { histogram.record(UInt64(value) * 1000) }
        #expect(histogram.count == 10_000)
        for (percentile, expected) in [(50.0, 5_000_000.0), (90, 9_000_000), (99, 9_900_000), (99.9, 9_990_000)] {
            let value = Double(histogram.value(atPercentile: percentile))
            #expect(abs(value - expected) / expected < 0.002, "\(percentile): \(value)")
        }
        #expect(abs(histogram.mean - 5_000_500) < 5000)
    }

    @Test func severalAtOnceCountAsOneByOne() {
        var one = LatencyHistogram()
        var other = LatencyHistogram()
        for (latency, count) in [(1000, 16), (250_000, 3), (UInt64.max, 2)] as [(UInt64, Int)] {
            for _ in 0..<count { one.record(latency) }
            other.record(latency, count: count)
        }
        #expect(one.count == 21)
        #expect(other.count == one.count)
        #expect(other.mean == one.mean)
        #expect(other.value(atPercentile: 80) == one.value(atPercentile: 80))
        #expect(other.maximum == one.maximum)
    }

    @Test func nothingCounted() {
        let summary = LatencySummary(LatencyHistogram())
        #expect(summary.count == 0)
        #expect(summary.p50 == 0)
        #expect(summary.curve.isEmpty)
    }

    @Test func longerThanTheLongest() {
        var histogram = LatencyHistogram()
        histogram.record(.max)
        #expect(histogram.count == 1)
        #expect(histogram.maximum <= LatencyHistogram.longest * 101 / 100)
    }

    @Test func mergedCountsAddUp() {
        var one = LatencyHistogram()
        var other = LatencyHistogram()
        for _ in 0..<3 { one.record(1000) }
        other.record(1_000_000)
        one.merge(other)
        one.merge(LatencyHistogram())
        #expect(one.count == 4)
        #expect(one.value(atPercentile: 75) < 1100)
        #expect(one.value(atPercentile: 100) > 990_000)
    }

    @Test func correctionCountsTheRequestsThatAStallHeldBack() {
        // Due every 10 ms; one took 100 ms, so nine more would have waited 90, 80, … 10 ms.
        var plain = LatencyHistogram()
        var corrected = LatencyHistogram()
        plain.record(100_000_000)
        corrected.record(100_000_000, expectedInterval: 10_000_000)
        #expect(plain.count == 1)
        #expect(corrected.count == 10)
        #expect(abs(Double(corrected.value(atPercentile: 50)) - 50_000_000) < 100_000)
    }

    @Test func aCurveTellsOnlyWhatEnoughRequestsLieAbove() {
        var histogram = LatencyHistogram()
        for value in 1...200 { histogram.record(UInt64(value) * 1000) }
        let summary = LatencySummary(histogram)
        #expect(summary.curve.map(\.percentile).max() == 99.5)
        #expect(zip(summary.curve, summary.curve.dropFirst()).allSatisfy { $0.microseconds <= $1.microseconds })
    }
}
