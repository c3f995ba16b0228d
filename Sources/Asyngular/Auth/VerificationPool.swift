import DequeModule
import EventLoop
import JSONWebToken
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Threads that verify tokens, so that no event loop waits for an elliptic curve.
///
/// A loop hands in the tokens of one turn as one batch and gets the batch back as one job. Each loop has its own queue
/// and the workers take from them in turn, so a loop under a flood of handshakes does not starve another. The number of
/// tokens waiting is bounded; ``submit(_:loop:index:)`` takes what there is room for.
final class VerificationPool: Sendable {
    /// One token to verify and who waits for it.
    struct Job: Sendable {
        let token: [UInt8]
        let socket: AGServerSocket
        let ticket: UInt32
        var result: Result<VerifiedToken, TokenError>?
    }

    struct Batch {
        var jobs: [Job]
        let loop: EventLoop
    }

    /// What the pool has done so far.
    struct Statistics: Sendable, Equatable {
        /// Batches taken in.
        var batches = 0
        /// Tokens taken in.
        var tokens = 0
        /// Tokens there was no room for.
        var refused = 0
        /// Tokens taken in and not verified yet.
        var waiting = 0
    }

    private struct State {
        var queues: [Deque<Batch>]
        var nextQueue = 0
        var statistics = Statistics()
        var isStopped = false
        /// Workers that have not ended.
        var running: Int
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []

        init(loops: Int, workers: Int) {
            queues = Array(repeating: [], count: loops)
            running = workers
        }
    }

    private let state: Mutex<State>
    private let wakeUp = WorkerSignal()
    private let keys: KeyStore
    private let policy: VerificationPolicy
    private let limit: Int

    /// - Parameters:
    ///   - workers: threads to start. Without any, batches wait for ``takeBatch()`` and ``process(_:with:)``.
    ///   - limit: tokens that may wait at once.
    init(workers: Int, loops: Int, limit: Int, keys: KeyStore, policy: VerificationPolicy) {
        state = Mutex(State(loops: loops, workers: workers))
        self.keys = keys
        self.policy = policy
        self.limit = limit
        for _ in 0..<workers { startWorker() }
    }

    var statistics: Statistics { state.withLock { $0.statistics } }

    /// Queues a batch. The results come back on `loop`, in order.
    ///
    /// - Returns: how many of the jobs, from the first on, were queued; there was no room for the others.
    func submit(_ jobs: [Job], loop: EventLoop, index: Int) -> Int {
        let accepted = state.withLock { state in
            let room = state.isStopped ? 0 : max(0, limit - state.statistics.waiting)
            let accepted = min(room, jobs.count)
            state.statistics.refused += jobs.count - accepted
            guard accepted > 0 else { return 0 }
            state.statistics.batches += 1
            state.statistics.tokens += accepted
            state.statistics.waiting += accepted
            state.queues[index].append(Batch(jobs: Array(jobs[..<accepted]), loop: loop))
            return accepted
        }
        if accepted > 0 { wakeUp.signal() }
        return accepted
    }

    /// Stops the workers after the batch each is at, and waits for them without holding a thread: who calls this may be
    /// what a worker waits for.
    func shutdown() async {
        await withCheckedContinuation { continuation in
            let running = state.withLock { state in
                state.isStopped = true
                if state.running > 0 { state.waitingForEnd.append(continuation) }
                return state.running
            }
            if running == 0 { continuation.resume() }
            for _ in 0..<running { wakeUp.signal() }
        }
    }

    /// - Returns: who waits for the end, if this was the last worker.
    private func workerEnded() -> [CheckedContinuation<Void, Never>] {
        state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return [] }
            defer { state.waitingForEnd = [] }
            return state.waitingForEnd
        }
    }

    private func startWorker() {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let status = unsafe pthread_create(
            &thread,
            nil,
            { context in
                var pool: VerificationPool? = unsafe Unmanaged.fromOpaque(context!).takeRetainedValue()
                pool?.work()
                let waiting = pool?.workerEnded() ?? []
                // Whoever waits may expect the pool and its queued sockets to be gone.
                pool = nil
                for continuation in waiting { continuation.resume() }
                return nil
            },
            context
        )
        precondition(status == 0, "no thread for the verification pool")
        pthread_detach(thread)
    }

    private func work() {
        let verifier = TokenVerifier()
        while true {
            wakeUp.wait()
            while let batch = takeBatch() { process(batch, with: verifier) }
            if state.withLock({ $0.isStopped }) { return }
        }
    }

    /// The next batch: the loops take turns.
    func takeBatch() -> Batch? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            for step in 0..<state.queues.count {
                let index = (state.nextQueue + step) % state.queues.count
                if let batch = state.queues[index].popFirst() {
                    state.nextQueue = (index + 1) % state.queues.count
                    return batch
                }
            }
            return nil
        }
    }

    /// Verifies a batch and hands the results to its loop.
    func process(_ batch: Batch, with verifier: TokenVerifier) {
        let keys = keys.verification
        let now = WallClock.seconds()
        var jobs = batch.jobs
        for index in jobs.indices {
            let token = jobs[index].token
            do throws(TokenError) {
                jobs[index].result = .success(
                    try verifier.verify(token.rawBytes, keys: keys, policy: policy, now: now)
                )
            } catch {
                jobs[index].result = .failure(error)
            }
        }
        state.withLock { $0.statistics.waiting -= jobs.count }
        let done = jobs
        batch.loop.execute {
            for job in done {
                guard let result = job.result else { continue }
                job.socket.assumeIsolated { $0.tokenVerified(result, ticket: job.ticket) }
            }
        }
    }
}
