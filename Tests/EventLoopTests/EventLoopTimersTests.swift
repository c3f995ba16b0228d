import Testing

@testable import EventLoop

@Suite(.timeLimit(.minutes(1)))
struct EventLoopTimersTests {
    private func loopWithHandler() throws -> (EventLoop, RecordingHandler) {
        (try EventLoop(), RecordingHandler())
    }

    @Test("a timer fires, not before its time", arguments: [0, 1, 30] as [UInt64])
    func fires(delay: UInt64) async throws {
        let (loop, target) = try loopWithHandler()
        let clock = ContinuousClock()
        let began = clock.now
        await loop.run { _ = loop.schedule(target, tag: 3, afterMilliseconds: delay) }
        #expect(await target.events.next() == .timer(3))
        // The loop's clock is cut to whole milliseconds, as of the turn's beginning.
        #expect(clock.now - began >= .milliseconds(delay))
        #expect(await loop.run { loop.statistics.timersFired } == 1)
        await loop.shutdown()
    }

    @Test("an earlier timer set later is not late")
    func rearms() async throws {
        let (loop, target) = try loopWithHandler()
        await loop.run { _ = loop.schedule(target, tag: 1, afterMilliseconds: 600_000) }
        // By now libuv's timer is set to the first one.
        await loop.run { _ = loop.schedule(target, tag: 3, afterMilliseconds: 1) }
        #expect(await target.events.next() == .timer(3))
        await loop.shutdown()
        #expect(target.events.remaining.isEmpty)
    }

    @Test("a cancelled timer does not fire, and later ones still do")
    func cancel() async throws {
        let (loop, target) = try loopWithHandler()
        await loop.run {
            let id = loop.schedule(target, tag: 1, afterMilliseconds: 5)
            loop.schedule(target, tag: 2, afterMilliseconds: 30)
            loop.cancel(id)
            loop.cancel(id)
            loop.cancel(.none)
        }
        #expect(await target.events.next() == .timer(2))
        await loop.shutdown()
    }

    @Test("a target may set its timer again when it fires")
    func repeats() async throws {
        final class Repeating: TimerTarget, @unchecked Sendable {
            let loop: EventLoop
            let fired = EventQueue<UInt32>()
            init(_ loop: EventLoop) { self.loop = loop }
            override func timerFired(_ tag: UInt32) {
                fired.append(tag)
                if tag < 5 { loop.schedule(self, tag: tag + 1, afterMilliseconds: 0) }
            }
        }
        let loop = try EventLoop()
        let target = Repeating(loop)
        await loop.run { _ = loop.schedule(target, tag: 0, afterMilliseconds: 0) }
        for tag: UInt32 in 0...5 { #expect(await target.fired.next() == tag) }
        await loop.shutdown()
    }

    @Test("a target may use the wheel while it goes away")
    func deinitialisation() async throws {
        final class Parting: TimerTarget, @unchecked Sendable {
            let loop: EventLoop
            let next: RecordingHandler
            init(_ loop: EventLoop, _ next: RecordingHandler) {
                self.loop = loop
                self.next = next
            }
            deinit {
                loop.schedule(next, tag: 7, afterMilliseconds: 0)
            }
        }
        let (loop, next) = try loopWithHandler()
        await loop.run {
            let id = loop.schedule(Parting(loop, next), tag: 1, afterMilliseconds: 1000)
            loop.cancel(id)
        }
        #expect(await next.events.next() == .timer(7))
        // The last one goes away in the shutdown, when nothing can be set any more.
        await loop.run { _ = loop.schedule(Parting(loop, next), tag: 1, afterMilliseconds: 600_000) }
        await loop.shutdown()
        #expect(next.events.remaining.isEmpty)
    }

    @Test("shutting down releases targets without firing them")
    func shutdownReleases() async throws {
        let loop = try EventLoop()
        weak var weakTarget: RecordingHandler?
        do {
            let target = RecordingHandler()
            weakTarget = target
            await loop.run { _ = loop.schedule(target, tag: 1, afterMilliseconds: 60_000) }
        }
        #expect(weakTarget != nil)
        await loop.shutdown()
        #expect(weakTarget == nil)
    }
}
