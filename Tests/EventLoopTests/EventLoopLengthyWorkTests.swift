import EventLoop
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EventLoopLengthyWorkTests {
    /// Occupies the loop for longer than a turn has for what can wait.
    private static func work() {
        let end = EventLoop.monotonicNanoseconds() + 1_000_000
        while EventLoop.monotonicNanoseconds() < end {}
    }

    @Test("executeLengthy() runs in order, one a turn when each takes long")
    func order() async throws {
        let loop = try EventLoop()
        let turns = Locked<[UInt64]>([])
        let order = Locked<[Int]>([])
        await withCheckedContinuation { continuation in
            loop.execute {
                for index in 0..<5 {
                    loop.executeLengthy {
                        turns.change { $0.append(loop.statistics.turns) }
                        order.change { $0.append(index) }
                        Self.work()
                        if index == 4 { continuation.resume() }
                    }
                }
            }
        }
        #expect(order.value == [0, 1, 2, 3, 4])
        #expect(Set(turns.value).count == 5)
        #expect(await loop.run { !loop.hasLengthyWork })
        await loop.shutdown()
    }

    @Test("executeLengthy() lets everybody else's jobs in between")
    func fair() async throws {
        let loop = try EventLoop()
        let events = Locked<[String]>([])
        await withCheckedContinuation { continuation in
            loop.execute {
                loop.executeLengthy {
                    loop.execute { events.change { $0.append("job") } }
                    Self.work()
                }
                loop.executeLengthy {
                    events.change { $0.append("second") }
                    continuation.resume()
                }
            }
        }
        #expect(events.value == ["job", "second"])
        await loop.shutdown()
    }

    @Test("executeLengthy() at the loop's end: what waits is run, and what comes later too")
    func end() async throws {
        let loop = try EventLoop()
        let runs = Locked(0)
        await withCheckedContinuation { continuation in
            loop.execute {
                loop.executeLengthy { runs.change { $0 += 1 } }
                continuation.resume()
            }
        }
        await loop.shutdown()
        await withCheckedContinuation { continuation in
            loop.execute { loop.executeLengthy { continuation.resume() } }
        }
        #expect(runs.value == 1)
    }
}
