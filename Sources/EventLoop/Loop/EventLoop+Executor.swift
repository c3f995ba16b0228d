import CEventLoop
import DequeModule
import Synchronization

extension EventLoop {
    /// Enqueues an actor's job.
    /// - Parameter job: The job to run.
    public func enqueue(_ job: consuming ExecutorJob) {
        submit(.serial(UnownedJob(job)))
    }

    /// Traps unless the calling thread is the loop's.
    public func checkIsolated() {
        precondition(isInEventLoop, "not on the event loop's thread")
    }

    /// Whether the calling thread is the loop's.
    public func isIsolatingCurrentContext() -> Bool? {
        isInEventLoop
    }

    /// Runs a closure on the loop, in order with the jobs of the loop's actors. From any thread.
    ///
    /// On the loop's own thread the closure runs after the present callback, not within this call.
    /// - Parameter body: What to run.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        submit(.body(body))
    }

    /// Runs a closure once the sockets have been looked at: behind the callbacks of this turn or, when called behind them
    /// already, of the next. Work that is cut into such pieces lets input and output in between. Loop-confined.
    /// - Parameter body: What to run.
    public func executeAfterPoll(_ body: @escaping @Sendable () -> Void) {
        assertInLoop()
        // A loop that has ended polls no more.
        guard isUsable else { return submit(.body(body)) }
        afterPollBodies.append(body)
    }

    /// Runs a closure that takes long, such as a public-key operation, when a turn has time left; at least one of them a
    /// turn, in order. A flood of them then lengthens nobody's turn by more than one. Loop-confined.
    /// - Parameter body: What to run.
    public func executeLengthy(_ body: @escaping @Sendable () -> Void) {
        assertInLoop()
        guard isUsable else { return submit(.body(body)) }
        lengthyBodies.append(body)
    }

    /// Whether somebody waits in ``executeLengthy(_:)``'s queue; who comes later should wait behind.
    public var hasLengthyWork: Bool { !lengthyBodies.isEmpty }

    func submit(_ work: Work) {
        if isInEventLoop {
            jobs.append(work)
            return
        }
        var wake = false
        var drainLate = false
        shared.withLock { shared in
            shared.queue.append(work)
            switch shared.phase {
            case .running:
                guard !shared.isWakePending else { return }
                shared.isWakePending = true
                wakers.wrappingAdd(1, ordering: .relaxed)
                wake = true
            case .draining:
                break
            case .finished:
                guard !shared.isDrainingLate else { return }
                shared.isDrainingLate = true
                drainLate = true
            }
        }
        if wake {
            unsafe el_loop_wake(raw)
            wakers.wrappingSubtract(1, ordering: .releasing)
        } else if drainLate {
            Task.detached { self.drainLate() }
        }
    }

    /// Moves what other threads submitted to the local queue.
    func takeShared() {
        shared.withLock { shared in
            shared.isWakePending = false
            if jobs.isEmpty {
                // Exchanged rather than copied: both buffers are kept.
                swap(&jobs, &shared.queue)
            } else {
                jobs.append(contentsOf: shared.queue)
                shared.queue.removeAll(keepingCapacity: true)
            }
        }
    }

    /// Runs local work, up to the limit of one drain. Until the runner is in the loop the thread runs jobs itself, since
    /// one of them is the runner's.
    func drainJobs() {
        guard isRunning else { return }
        var budget = options.jobsPerDrain
        while budget > 0, let work = jobs.popFirst() {
            budget -= 1
            run(work)
        }
    }

    func run(_ work: Work) {
        counters.jobs &+= 1
        switch work {
        case .serial(let job): unsafe job.runSynchronously(on: asUnownedSerialExecutor())
        case .task(let job): unsafe job.runSynchronously(on: taskExecutor.asUnownedTaskExecutor())
        case .body(let body): body()
        }
    }

    /// Runs jobs that arrive after the loop's end, so that no task waits for ever. One thread at a time acts as the loop.
    private func drainLate() {
        let previous = unsafe el_current_loop()
        unsafe el_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
        while true {
            takeShared()
            while let work = jobs.popFirst() { run(work) }
            let isDone = shared.withLock { shared in
                guard shared.queue.isEmpty else { return false }
                shared.isDrainingLate = false
                // Under the lock: the next drainer must not start while this thread still acts as the loop.
                unsafe el_set_current_loop(previous)
                return true
            }
            if isDone { return }
        }
    }
}
