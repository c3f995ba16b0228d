import EventLoop
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An actor that lives on a loop.
private actor Resident {
    let loop: EventLoop
    var calls = 0

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    func isOnLoop() -> Bool {
        calls += 1
        return loop.isInEventLoop
    }

    func count() {
        calls += 1
    }

    /// From loop to pool and back.
    func hop() async -> Bool {
        let before = loop.isInEventLoop
        let between = await elsewhere()
        return before && !between && loop.isInEventLoop
    }

    @concurrent
    private func elsewhere() async -> Bool {
        loop.isInEventLoop
    }
}

@Suite(.timeLimit(.minutes(1)))
struct EventLoopExecutorTests {
    @Test("an actor on the loop runs on the loop's thread, also after it was away")
    func actorOnLoop() async throws {
        let loop = try EventLoop()
        let resident = Resident(loop)
        #expect(await resident.isOnLoop())
        #expect(await resident.hop())
        #expect(!loop.isInEventLoop)
        await loop.shutdown()
    }

    @Test("an actor on the loop can be entered from receive(), timerFired() and execute() without a hop")
    func assumeIsolated() async throws {
        let server = try await Server()
        let loop = server.loop
        let resident = Resident(loop)
        let (peer, handler) = try await server.connect()
        final class Entering: TimerTarget {
            let resident: Resident
            let done: EventQueue<Int>
            init(_ resident: Resident, _ done: EventQueue<Int>) {
                self.resident = resident
                self.done = done
            }
            override func timerFired(_ tag: UInt32) {
                resident.assumeIsolated { $0.count() }
                done.append(Int(tag))
            }
        }
        let done = EventQueue<Int>()
        await loop.run {
            resident.assumeIsolated { $0.count() }
            handler.onReceive = { _, _ in
                resident.assumeIsolated { $0.count() }
                done.append(0)
            }
            loop.schedule(Entering(resident, done), tag: 1, afterMilliseconds: 1)
        }
        #expect(await done.next() == 1)
        try peer.send("x")
        #expect(await done.next() == 0)
        #expect(await resident.calls == 3)
        await server.shutdown()
    }

    @Test("entering an actor off its loop traps")
    func assumeIsolatedOffLoop() async {
        await #expect(processExitsWith: .failure) {
            let loop = try EventLoop()
            enter(Resident(loop))
        }
    }

    @Test("a burst from another thread wakes the loop once")
    func oneWakeUp() async throws {
        let loop = try EventLoop()
        let gate = Gate()
        let entered = EventQueue<Void>()
        // The loop is held, so that the whole burst meets one pending wake-up.
        loop.execute {
            entered.append(())
            gate.wait()
        }
        await entered.next()
        let before = Locked<UInt64>(0)
        loop.execute { before.change { $0 = loop.statistics.wakeUps } }
        for _ in 0..<1000 { loop.execute {} }
        gate.open()
        let after = await loop.run { loop.statistics.wakeUps }
        let first = before.value
        // The one the burst caused is the first; the question that ends the test may be in it or be a second.
        #expect(after - first <= 1)
        await loop.shutdown()
    }

    @Test("work of one thread runs in the order it was submitted, closures and jobs alike")
    func order() async throws {
        let loop = try EventLoop()
        let resident = Resident(loop)
        let order = Locked<[Int]>([])
        await loop.run {
            for index in 0..<100 {
                if index % 2 == 0 {
                    loop.execute { order.change { $0.append(index) } }
                } else {
                    Task { await resident.run { order.change { $0.append(index) } } }
                }
            }
        }
        for index in 100..<200 { loop.execute { order.change { $0.append(index) } } }
        await loop.run {}
        let closures = order.value.filter { $0 % 2 == 0 || $0 >= 100 }
        #expect(closures == Array(stride(from: 0, to: 100, by: 2)) + Array(100..<200))
        await loop.shutdown()
    }

    @Test("on-loop work is first in, first out")
    func localOrder() async throws {
        let loop = try EventLoop()
        let order = await withCheckedContinuation { continuation in
            loop.execute {
                let box = OrderBox()
                for index in 0..<5000 { loop.execute { box.order.append(index) } }
                loop.execute { continuation.resume(returning: box.order) }
                // Nothing runs within execute().
                #expect(box.order.isEmpty)
            }
        }
        #expect(order == Array(0..<5000))
        await loop.shutdown()
    }

    @Test("a job that submits itself for ever leaves room for sockets and timers")
    func fairness() async throws {
        let server = try await Server { handler in
            handler.onReceive = { connection, bytes in connection.write(bytes.bytes) }
        }
        let loop = server.loop
        let isStopped = Locked(false)
        @Sendable func again() {
            if !isStopped.value { loop.execute(again) }
        }
        loop.execute(again)
        let (peer, handler) = try await server.connect()
        try peer.send("x")
        #expect(try peer.receive() == [120])
        await loop.run { _ = loop.schedule(handler, tag: 5, afterMilliseconds: 1) }
        #expect(await handler.events.first { $0 == .timer(5) } == .timer(5))
        isStopped.change { $0 = true }
        await server.shutdown()
    }

    @Test("a task with the loop as its executor preference runs on the loop")
    func taskExecutor() async throws {
        let loop = try EventLoop()
        let isOnLoop = await Task(executorPreference: loop.taskExecutor) {
            let before = loop.isInEventLoop
            await Task.yield()
            return before && loop.isInEventLoop
        }.value
        #expect(isOnLoop)
        await loop.shutdown()
    }

    @Test("many threads submit at once and nothing is lost")
    func contention() async throws {
        let loop = try EventLoop()
        let count = Locked(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for index in 0..<2000 {
                        loop.execute { count.change { $0 += 1 } }
                        if index % 100 == 0 { await loop.run {} }
                    }
                }
            }
        }
        await loop.run {}
        #expect(count.value == 16_000)
        await loop.shutdown()
    }

    /// Pieces of work let everything else in between: input, jobs and output have their turn after each.
    @Test("executeAfterPoll() runs once a turn")
    func afterPoll() async throws {
        let server = try await Server()
        let loop = server.loop
        let (peer, handler) = try await server.connect()
        let turns = Locked<[UInt64]>([])
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            @Sendable func piece(_ left: Int) {
                turns.change { $0.append(loop.statistics.turns) }
                guard left > 0 else { return continuation.resume() }
                loop.executeAfterPoll { piece(left - 1) }
            }
            loop.execute { loop.executeAfterPoll { piece(5) } }
        }
        let seen = turns.value
        #expect(seen.count == 6)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 < $1 })
        withExtendedLifetime((peer, handler)) {}
        await server.shutdown()
    }

    /// What waits when a loop ends is run, and what comes later too.
    @Test("executeAfterPoll() at the loop's end")
    func afterPollAtTheEnd() async throws {
        let loop = try EventLoop()
        let runs = Locked(0)
        let end = Task { await loop.shutdown() }
        await withCheckedContinuation { continuation in
            loop.execute {
                loop.executeAfterPoll {
                    runs.change { $0 += 1 }
                    loop.executeAfterPoll {
                        runs.change { $0 += 1 }
                        continuation.resume()
                    }
                }
            }
        }
        await end.value
        await withCheckedContinuation { continuation in
            loop.execute { loop.executeAfterPoll { continuation.resume() } }
        }
        #expect(runs.value == 2)
    }
}

private func enter(_ resident: Resident) {
    resident.assumeIsolated { $0.count() }
}

/// Filled on the loop only.
private final class OrderBox: @unchecked Sendable {
    var order: [Int] = []
}

extension Resident {
    fileprivate func run(_ body: @Sendable () -> Void) {
        body()
    }
}
