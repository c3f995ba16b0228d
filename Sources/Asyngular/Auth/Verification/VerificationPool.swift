import CoreMetrics
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
/// Each loop keeps its own queue (``LoopVerification``) and hands over small batches, a few at a time; the workers take the
/// loops' batches in turn, so a loop under a flood of handshakes does not starve another. Results go back as one job per
/// batch.
final class VerificationPool: Sendable {
    /// Tokens of one loop, judged together.
    struct Batch: Sendable {
        var jobs: [VerificationJob]
        let owner: LoopVerification
        /// How long judging took, in nanoseconds.
        var duration: UInt64 = 0
    }

    private struct State {
        var lanes: [Deque<Batch>]
        var nextLane = 0
        var isStopped = false
        /// Workers that have not ended.
        var running: Int
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []

        init(loops: Int, workers: Int) {
            lanes = Array(repeating: [], count: loops)
            running = workers
        }
    }

    /// How nice the workers are to the event loops where cores are short: a loop that wakes up goes first, a worker gets a
    /// tenth of a core that both want.
    static let niceness: Int32 = 10

    let workers: Int
    let counters = VerificationCounters()
    private let state: Mutex<State>
    private let wakeUp = WorkerSignal()
    private let keys: KeyStore
    private let policy: VerificationPolicy
    private let metrics: ServerMetrics

    /// - Parameter workers: threads to start. Without any, batches wait for ``takeBatch()`` and ``process(_:with:)``.
    init(workers: Int, loops: Int, keys: KeyStore, policy: VerificationPolicy, metrics: ServerMetrics) {
        self.workers = workers
        self.metrics = metrics
        state = Mutex(State(loops: loops, workers: workers))
        self.keys = keys
        self.policy = policy
        for index in 0..<workers { startWorker(index) }
    }

    /// Hands a batch to the workers. It comes back by ``LoopVerification/completed(_:)``, on its loop.
    ///
    /// - Returns: false when the pool has stopped.
    func submit(_ batch: Batch, lane: Int) -> Bool {
        let isAccepted = state.withLock { state in
            guard !state.isStopped else { return false }
            state.lanes[lane].append(batch)
            return true
        }
        guard isAccepted else { return false }
        counters.batches.add(1, ordering: .relaxed)
        wakeUp.signal()
        return true
    }

    /// Stops the workers after the batch each is at, and waits for them without holding a thread: who calls this may be
    /// what a worker waits for.
    func shutdown() async {
        await withCheckedContinuation { continuation in
            let (running, dropped) = state.withLock { state in
                state.isStopped = true
                if state.running > 0 { state.waitingForEnd.append(continuation) }
                let dropped = state.lanes
                state.lanes = state.lanes.map { _ in [] }
                return (state.running, dropped)
            }
            // Their sockets end here, not under the lock.
            withExtendedLifetime(dropped) {}
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

    private func startWorker(_ index: Int) {
        let owner = Mutex<VerificationPool?>(self)
        let isStarted = BlockingThread.run(name: "verify-\(index)") {
            // Taken over: who waits for the end may expect the pool and its queued sockets to be gone.
            var pool = owner.withLock { $0.take() }
            pool?.work()
            let waiting = pool?.workerEnded() ?? []
            pool = nil
            for continuation in waiting { continuation.resume() }
        }
        precondition(isStarted, "no thread for the verification pool")
    }

    private func work() {
        // PRIO_PROCESS, whose type differs between C libraries; on Linux it concerns the calling thread only.
        setpriority(0, 0, Self.niceness)
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
            for step in 0..<state.lanes.count {
                let index = (state.nextLane + step) % state.lanes.count
                if let batch = state.lanes[index].popFirst() {
                    state.nextLane = (index + 1) % state.lanes.count
                    return batch
                }
            }
            return nil
        }
    }

    /// Verifies a batch and hands the results to its loop.
    func process(_ batch: Batch, with verifier: TokenVerifier) {
        let start = EventLoop.monotonicNanoseconds()
        let keys = keys.verification
        let now = WallClock.seconds()
        var batch = batch
        for index in batch.jobs.indices {
            let token = batch.jobs[index].token
            metrics.queueWait.recordNanoseconds(start &- batch.jobs[index].since)
            batch.jobs[index].generation = keys.generation
            batch.jobs[index].result = verifier.result(token, keys: keys, policy: policy, now: now)
            batch.jobs[index].algorithm = verifier.lastAlgorithm
        }
        batch.duration = EventLoop.monotonicNanoseconds() &- start
        let done = batch
        batch.owner.loop.execute { done.owner.completed(done) }
    }
}

extension TokenVerifier {
    /// What verifying a token comes to.
    func result(
        _ token: [UInt8],
        keys: KeySet,
        policy: VerificationPolicy,
        now: Int64
    ) -> Result<VerifiedToken, TokenError> {
        do throws(TokenError) {
            return .success(try verify(token.rawBytes, keys: keys, policy: policy, now: now))
        } catch {
            return .failure(error)
        }
    }
}
