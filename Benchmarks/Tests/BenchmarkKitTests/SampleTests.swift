import BenchmarkKit
import Testing

struct SampleTests {
    @Test(
        arguments: [
            ([], nil), ([3], 3), ([1, 9], 5), ([5, 1, 9], 5), ([4, 1, 3, 2], 2.5), ([-1, -3, -2], -2),
        ] as [([Double], Double?)]
    )
    func median(_ values: [Double], _ expected: Double?) {
        #expect(Sample(values).median == expected)
    }

    @Test func rangeAndSpread() {
        let sample = Sample([90, 100, 120])
        #expect(sample.minimum == 90)
        #expect(sample.maximum == 120)
        #expect(sample.spread == 0.3)
        #expect(Sample([7]).spread == 0)
        #expect(Sample().spread == 0)
    }

    @Test func whatIsNoNumberIsLeftOut() {
        var sample = Sample()
        sample.add(.nan)
        sample.add(.infinity)
        sample.add(2)
        #expect(sample.values == [2])
    }

    @Test func ratiosAreTakenWithinRounds() {
        // The machine halves its speed in the second round: both series move, the ratio does not.
        let ratio = RatioSample([200, 100, 220], over: [100, 50, 100])
        #expect(ratio.ratios.values == [2, 2, 2.2])
        #expect(ratio.median == 2)
    }

    @Test func roundsThatFailedAreLeftOut() {
        #expect(RatioSample([1, nil, 3], over: [1, 2, nil]).ratios.values == [1])
        #expect(RatioSample([1], over: [0]).median == nil)
    }
}
