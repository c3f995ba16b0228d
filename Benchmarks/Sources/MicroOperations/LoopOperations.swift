import EventLoop
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The loop: timers, and work given to it.
enum LoopOperations {
    static let all: [MicroOperation] = [timer, enqueue, enqueueOnLoop]

    private static let loop: EventLoop = {
        do {
            return try EventLoop()
        } catch {
            preconditionFailure("no event loop: \(error)")
        }
    }()

    /// Runs `body` on the loop, waits for it, and gives the loop's allocations.
    private static func onLoop(
        _ counter: MicroOperation.Counter = .init(),
        _ body: @escaping @Sendable () -> Void
    ) -> UInt64 {
        let gate = Gate()
        let result = Mutex<UInt64>(0)
        loop.execute {
            let allocations = counter.count(body)
            result.withLock { $0 = allocations }
            gate.open()
        }
        gate.wait()
        return result.withLock { $0 }
    }

    private static let timer: MicroOperation = {
        let target = Confined(TimerTarget())
        let loop = LoopOperations.loop
        return MicroOperation(counted: "timer set and cancel") { count, counter in
            onLoop(counter) {
                for index in 0..<count {
                    loop.cancel(loop.schedule(target.value, afterMilliseconds: UInt64(1000 + index & 0xFFFF)))
                }
            }
        }
    }()

    private static let enqueue: MicroOperation = {
        let loop = LoopOperations.loop
        return MicroOperation(counted: "executor enqueue from another thread") { count, counter in
            let allocations = counter.count { for _ in 0..<count { loop.execute {} } }
            // The loop has done them all before the next measurement begins.
            _ = onLoop {}
            return allocations
        }
    }()

    private static let enqueueOnLoop: MicroOperation = {
        let loop = LoopOperations.loop
        return MicroOperation(counted: "executor enqueue on the loop") { count, counter in
            let allocations = onLoop(counter) { for _ in 0..<count { loop.execute {} } }
            _ = onLoop {}
            return allocations
        }
    }()
}

/// Lets one thread wait for another without a task.
final class Gate: @unchecked Sendable {
    private let isOpen = Atomic<Bool>(false)

    func open() { isOpen.store(true, ordering: .releasing) }

    func wait() {
        while !isOpen.load(ordering: .acquiring) { usleep(20) }
    }
}
