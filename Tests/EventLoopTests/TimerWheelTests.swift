import Testing

@testable import EventLoop

@Suite
struct TimerWheelTests {
    private let target = TimerTarget()

    /// Fires everything due and returns the tags in order.
    private func fire(_ wheel: Wheel, at now: UInt64) -> [UInt32] {
        var tags: [UInt32] = []
        while let due = wheel.popDue(nowMilliseconds: now) { tags.append(due.tag) }
        return tags
    }

    @Test(
        "a timer fires within a tick after its deadline and never before",
        arguments: [0, 1, 7, 8, 9, 100, 511, 512, 513, 32_767, 32_768, 40_000, 2_097_152, 200_000_000] as [UInt64]
    )
    func neverEarly(delay: UInt64) {
        for start: UInt64 in [0, 1, 5, 8, 1_000_003] {
            for offset: UInt64 in [0, 3, 7, 8] {
                let wheel = Wheel(nowMilliseconds: start)
                let set = start + offset
                _ = wheel.schedule(target, tag: 1, afterMilliseconds: delay, nowMilliseconds: set)
                #expect(fire(wheel, at: set + delay).isEmpty)
                #expect(fire(wheel, at: set + delay + TimerWheel.tickMilliseconds) == [1])
                #expect(wheel.count == 0)
            }
        }
    }

    @Test("following the wake times alone finds every timer")
    func wakeTimes() {
        let wheel = Wheel(nowMilliseconds: 3)
        let delays: [UInt64] = [5, 600, 40_000, 3_000_000, 200_000_000, 10_000_000_000]
        for (tag, delay) in delays.enumerated() {
            _ = wheel.schedule(target, tag: UInt32(tag), afterMilliseconds: delay, nowMilliseconds: 3)
        }
        var fired: [UInt32] = []
        var wakeUps = 0
        while let wake = wheel.nextWakeMilliseconds {
            for tag in fire(wheel, at: wake) {
                fired.append(tag)
                #expect(wake > delays[Int(tag)] + 3)
                #expect(wake <= delays[Int(tag)] + 3 + TimerWheel.tickMilliseconds)
            }
            wakeUps += 1
        }
        #expect(fired == [0, 1, 2, 3, 4, 5])
        // One wake-up per level a timer comes down through, at most.
        #expect(wakeUps <= 6 * 6)
    }

    @Test("timers of one jump fire in order of their ticks")
    func order() {
        let wheel = Wheel(nowMilliseconds: 0)
        for (tag, delay) in ([900, 16, 70_000, 500, 520, 33_000] as [UInt64]).enumerated() {
            _ = wheel.schedule(target, tag: UInt32(tag), afterMilliseconds: delay, nowMilliseconds: 0)
        }
        #expect(fire(wheel, at: 1_000_000) == [1, 3, 4, 0, 5, 2])
    }

    @Test("timers set for the same tick fire in the order they were set")
    func sameTick() {
        let wheel = Wheel(nowMilliseconds: 0)
        for tag: UInt32 in 0..<10 {
            _ = wheel.schedule(target, tag: tag, afterMilliseconds: 24, nowMilliseconds: 0)
        }
        #expect(fire(wheel, at: 100) == Array(0..<10))
    }

    @Test("a cancelled timer does not fire")
    func cancel() {
        let wheel = Wheel(nowMilliseconds: 0)
        let ids = (0..<5).map { tag in
            wheel.schedule(target, tag: UInt32(tag), afterMilliseconds: 16, nowMilliseconds: 0)
        }
        #expect(wheel.cancel(ids[0]))
        #expect(wheel.cancel(ids[2]))
        #expect(wheel.cancel(ids[4]))
        #expect(wheel.count == 2)
        #expect(fire(wheel, at: 100) == [1, 3])
        #expect(wheel.nextWakeMilliseconds == nil)
    }

    @Test("a stale identifier does nothing, even when its place is taken by another timer")
    func stale() {
        let wheel = Wheel(nowMilliseconds: 0)
        let first = wheel.schedule(target, tag: 1, afterMilliseconds: 8, nowMilliseconds: 0)
        #expect(fire(wheel, at: 100) == [1])
        #expect(!wheel.cancel(first))
        let second = wheel.schedule(target, tag: 2, afterMilliseconds: 8, nowMilliseconds: 100)
        #expect(second.index == first.index)
        #expect(!wheel.cancel(first))
        #expect(!wheel.cancel(.none))
        #expect(!wheel.cancel(TimerID(index: 99, generation: 1)))
        #expect(wheel.count == 1)
        #expect(wheel.cancel(second))
        #expect(!wheel.cancel(second))
    }

    @Test("a timer may be cancelled between those of the same tick, and set while they fire")
    func changesWhileFiring() {
        let wheel = Wheel(nowMilliseconds: 0)
        _ = wheel.schedule(target, tag: 1, afterMilliseconds: 8, nowMilliseconds: 0)
        let second = wheel.schedule(target, tag: 2, afterMilliseconds: 8, nowMilliseconds: 0)
        #expect(wheel.popDue(nowMilliseconds: 50)?.tag == 1)
        #expect(wheel.cancel(second))
        // Due at once, but not in this round: a target that sets itself again cannot hold the loop.
        _ = wheel.schedule(target, tag: 3, afterMilliseconds: 0, nowMilliseconds: 50)
        #expect(wheel.popDue(nowMilliseconds: 50) == nil)
        #expect(wheel.popDue(nowMilliseconds: 58)?.tag == 3)
    }

    @Test("the farthest future neither overflows nor fires")
    func farFuture() {
        let wheel = Wheel(nowMilliseconds: 1000)
        let id = wheel.schedule(target, tag: 1, afterMilliseconds: .max, nowMilliseconds: 1000)
        _ = wheel.schedule(target, tag: 2, afterMilliseconds: .max - 500, nowMilliseconds: 1200)
        #expect(fire(wheel, at: 1000 + 10 * 365 * 86_400_000).isEmpty)
        #expect(wheel.count == 2)
        #expect(wheel.cancel(id))
    }

    @Test("the wheel holds its targets until they fire or are cancelled")
    func retains() {
        let wheel = Wheel(nowMilliseconds: 0)
        weak var fired: TimerTarget?
        weak var cancelled: TimerTarget?
        weak var removed: TimerTarget?
        var id = TimerID.none
        do {
            let targets = [TimerTarget(), TimerTarget(), TimerTarget()]
            (fired, cancelled, removed) = (targets[0], targets[1], targets[2])
            _ = wheel.schedule(targets[0], tag: 0, afterMilliseconds: 8, nowMilliseconds: 0)
            id = wheel.schedule(targets[1], tag: 0, afterMilliseconds: 8, nowMilliseconds: 0)
            _ = wheel.schedule(targets[2], tag: 0, afterMilliseconds: 80_000, nowMilliseconds: 0)
        }
        #expect(fired != nil && cancelled != nil && removed != nil)
        wheel.cancel(id)
        #expect(cancelled == nil)
        #expect(fire(wheel, at: 100) == [0])
        #expect(fired == nil)
        wheel.removeAll()
        #expect(removed == nil)
        #expect(wheel.count == 0)
        #expect(wheel.nextWakeMilliseconds == nil)
    }

    @Test("places are used again, so that the slab does not grow")
    func reuse() {
        let wheel = Wheel(nowMilliseconds: 0)
        var highest: UInt32 = 0
        for round: UInt64 in 0..<1000 {
            let id = wheel.schedule(target, tag: 0, afterMilliseconds: 50, nowMilliseconds: round * 10)
            highest = max(highest, id.index)
            _ = fire(wheel, at: round * 10)
        }
        #expect(highest < 10)
    }

    @Test("random use agrees with a sorted list", arguments: 0..<8 as Range<UInt64>)
    func model(seed: UInt64) {
        var random = SplitMix64(state: seed)
        let wheel = Wheel(nowMilliseconds: 17)
        var now: UInt64 = 17
        var model: [(tag: UInt32, due: UInt64, id: TimerID)] = []
        var next: UInt32 = 0
        let spans: [UInt64] = [10, 600, 40_000, 3_000_000, 400_000_000]
        for _ in 0..<3000 {
            switch UInt64.random(in: 0..<10, using: &random) {
            case 0..<5:
                let span = spans[Int.random(in: 0..<spans.count, using: &random)]
                let delay = UInt64.random(in: 0...span, using: &random)
                let id = wheel.schedule(target, tag: next, afterMilliseconds: delay, nowMilliseconds: now)
                model.append((next, now + delay, id))
                next += 1
            case 5..<7:
                guard !model.isEmpty else { continue }
                let index = Int.random(in: 0..<model.count, using: &random)
                let wasSet = wheel.cancel(model[index].id)
                #expect(wasSet)
                model.remove(at: index)
            default:
                let span = spans[Int.random(in: 0..<4, using: &random)]
                now += UInt64.random(in: 0...span, using: &random)
                var fired: Set<UInt32> = []
                var lastTick: UInt64 = 0
                while let due = wheel.popDue(nowMilliseconds: now) {
                    guard let entry = model.first(where: { $0.tag == due.tag }) else {
                        Issue.record("fired what was not set")
                        return
                    }
                    let tick = (entry.due - 17) / TimerWheel.tickMilliseconds
                    guard entry.due <= now, tick >= lastTick else {
                        Issue.record("early or out of order")
                        return
                    }
                    lastTick = tick
                    fired.insert(due.tag)
                }
                // All that were due a tick ago must have fired.
                #expect(!model.contains { $0.due + TimerWheel.tickMilliseconds <= now && !fired.contains($0.tag) })
                model.removeAll { fired.contains($0.tag) }
            }
            guard wheel.count == model.count else {
                Issue.record("\(wheel.count) timers set, \(model.count) expected")
                return
            }
            if let wake = wheel.nextWakeMilliseconds, let first = model.map(\.due).min() {
                #expect(wake <= first + TimerWheel.tickMilliseconds)
            } else {
                #expect(model.isEmpty)
            }
        }
    }
}

/// The wheel in a class, since expectations take no mutating calls.
private final class Wheel {
    private var wheel: TimerWheel

    init(nowMilliseconds now: UInt64) {
        wheel = TimerWheel(nowMilliseconds: now)
    }

    var count: Int { wheel.count }
    var nextWakeMilliseconds: UInt64? { wheel.nextWakeMilliseconds }

    func schedule(
        _ target: TimerTarget,
        tag: UInt32,
        afterMilliseconds delay: UInt64,
        nowMilliseconds now: UInt64
    ) -> TimerID {
        wheel.schedule(target, tag: tag, afterMilliseconds: delay, nowMilliseconds: now)
    }

    @discardableResult
    func cancel(_ id: TimerID) -> Bool {
        wheel.cancel(id) != nil
    }

    func popDue(nowMilliseconds now: UInt64) -> (target: TimerTarget, tag: UInt32)? {
        wheel.popDue(nowMilliseconds: now)
    }

    func removeAll() {
        _ = wheel.removeAll()
    }
}

/// A generator with a seed, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
