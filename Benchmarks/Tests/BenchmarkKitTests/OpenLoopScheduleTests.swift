import BenchmarkKit
import Testing

struct OpenLoopScheduleTests {
    @Test func requestsAreDueAtTheRateWhateverHappens() {
        var schedule = OpenLoopSchedule(rate: 1000, start: 5_000_000)
        #expect(schedule.next(now: 4_999_999) == nil)
        #expect(schedule.next(now: 5_000_000) == 5_000_000)
        #expect(schedule.next(now: 5_500_000) == nil)
        // A stall of 3 ms: each of the three has its own due time, not the time it could be sent.
        #expect(
            [schedule.next(now: 8_200_000), schedule.next(now: 8_200_000), schedule.next(now: 8_200_000)] == [
                6_000_000, 7_000_000, 8_000_000,
            ]
        )
        #expect(schedule.next(now: 8_200_000) == nil)
        #expect(schedule.issued == 4)
    }

    @Test func roundingDoesNotAddUp() {
        let schedule = OpenLoopSchedule(rate: 3, start: 0)
        #expect(schedule.due(3_000_000) == 1_000_000_000_000_000)
    }

    @Test func aStallIsSeenByEveryRequestThatWasDue() {
        // 1,000 a second for a second; the server answers at once but for a stall of 100 ms in the middle.
        var open = LatencyHistogram()
        var closed = LatencyHistogram()
        let stall: Range<UInt64> = 500_000_000..<600_000_000
        var schedule = OpenLoopSchedule(rate: 1000, start: 0)
        while let due = schedule.next(now: 999_999_999) {
            let answered = stall.contains(due) ? stall.upperBound : due + 1000
            open.record(answered - due)
            // A closed loop would have had one request waiting, and would not have sent the others.
            if !stall.contains(due) || due == stall.lowerBound { closed.record(answered - due) }
        }
        #expect(open.count == 1000)
        #expect(open.value(atPercentile: 99) > 89_000_000)
        #expect(closed.value(atPercentile: 99) < 2000)
    }
}
