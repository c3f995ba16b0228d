import CEventLoop
import DequeModule
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension EventLoop {
    func startThread() throws(EventLoopError) {
        var thread: OpaquePointer?
        // The thread keeps the loop alive until it ends.
        let owner = unsafe Unmanaged.passRetained(self)
        let status = unsafe el_thread_start(
            &thread,
            { argument in
                guard let argument = unsafe argument else { return }
                unsafe Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue().threadMain()
            },
            owner.toOpaque(),
            options.name,
            Int32(clamping: options.cpu ?? -1)
        )
        guard status == 0 else {
            unsafe el_loop_close_own_handles(raw)
            unsafe el_loop_run(raw)
            unsafe el_loop_finish(raw)
            unsafe owner.release()
            throw EventLoopError(errno: -status, operation: "start an event loop's thread")
        }
        guard let thread = unsafe thread else { return }
        let handle = unsafe ThreadHandle(raw: thread)
        shared.withLock { shared in shared.thread = handle }
    }

    private func threadMain() {
        unsafe el_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
        // Jobs run bare until the runner's job comes, which holds the whole run. The loop works meanwhile: a busy
        // thread pool may hold the runner up.
        while !isRunning {
            unsafe el_loop_run_once(raw)
            takeShared()
            while let work = jobs.popFirst() { run(work) }
        }
        finish()
    }

    func runToEnd() {
        isRunning = true
        unsafe el_loop_run(raw)
    }

    /// Closes everything on the loop (connections are aborted), stops the loop and joins its thread. Returns at once if
    /// that is done already. Jobs enqueued later are still run, on other threads, one after the other.
    public func shutdown() async {
        execute { self.beginShutdown() }
        await withCheckedContinuation { continuation in
            let isFinished = shared.withLock { shared in
                if shared.phase == .finished { return true }
                shared.waitingForEnd.append(continuation)
                return false
            }
            if isFinished { continuation.resume() }
        }
        let thread = shared.withLock { shared in shared.thread.take() }
        if let thread { unsafe el_thread_join(thread.raw) }
    }

    private func beginShutdown() {
        guard !isShuttingDown else { return }
        isShuttingDown = true
        for acceptor in acceptors.values { acceptor.close() }
        unsafe el_loop_each_connection(raw) { owner in
            guard let owner = unsafe owner else { return }
            unsafe Unmanaged<Connection>.fromOpaque(owner).takeUnretainedValue().abort()
        }
    }

    /// Closes the loop's own handles when all others are closed, which ends the run.
    func continueShutdown() {
        guard counters.activeConnections == 0, acceptors.isEmpty, jobs.isEmpty else { return }
        let isFirst = shared.withLock { shared in
            guard shared.phase == .running else { return false }
            shared.phase = .draining
            return true
        }
        guard isFirst else { return }
        while wakers.load(ordering: .acquiring) != 0 { sched_yield() }
        unsafe el_loop_close_own_handles(raw)
    }

    /// In a function of its own, so that the targets are gone while the thread still acts as the loop.
    private func releaseTimers() {
        let targets = wheel.removeAll()
        withExtendedLifetime(targets) {}
    }

    /// The run is over: gives back what the loop holds.
    private func finish() {
        isRunning = false
        isUsable = false
        for body in afterPollBodies { jobs.append(.body(body)) }
        afterPollBodies = []
        for body in lengthyBodies { jobs.append(.body(body)) }
        lengthyBodies = []
        releaseTimers()
        pool.removeAll()
        if spareDescriptor >= 0 { el_close(spareDescriptor) }
        spareDescriptor = -1
        let status = unsafe el_loop_finish(raw)
        assert(status == 0, "a handle outlived its loop")
        while true {
            takeShared()
            while let work = jobs.popFirst() { run(work) }
            let waiting = shared.withLock { shared -> [CheckedContinuation<Void, Never>]? in
                guard shared.queue.isEmpty else { return nil }
                shared.phase = .finished
                // Under the lock: from here on another thread may act as the loop.
                el_set_current_loop(nil)
                return shared.waitingForEnd
            }
            guard let waiting else { continue }
            for continuation in waiting { continuation.resume() }
            return
        }
    }
}
