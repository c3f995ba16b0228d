import CoreMetrics
import DequeModule
import EventLoop
import JSONWebToken
import Logging
import Synchronization

/// How one loop has its tokens verified: from the cache, at once, or by the pool's workers.
///
/// Confined to its loop. Tokens for the pool wait here, in a queue that needs no lock, and go out at the end of a turn in
/// batches of up to ``batchLimit``, with one batch more on the way than there are workers: enough to keep them busy, and
/// little enough that the order of the queue counts. Results are given out ``deliveryLimit`` to a turn, so that input and
/// output of established sockets come in between. A token whose socket has gone is dropped when its turn comes.
final class LoopVerification: @unchecked Sendable {
    /// Tokens in a batch: 3 ms of a worker's time with P-256.
    static let batchLimit = 32
    /// Results given out in one turn: finishing a handshake takes about 40 µs.
    static let deliveryLimit = 16
    /// … and at least, however long the turn has been; one where established sockets are kept waiting.
    static let deliveryMinimum = 4

    let loop: EventLoop
    private unowned let server: AGServer
    private let index: Int
    private let policy: VerificationPolicy
    private let scheduling: AGAuthScheduling
    private let caching: AGAuthCaching
    /// nil when tokens are never verified on it, and once the loop's sockets are closed.
    @safe @exclusivity(unchecked) private var pool: VerificationPool?
    private let metrics: ServerMetrics
    private let logger: Logger
    @safe @exclusivity(unchecked) private var keys: KeyStore.Reader
    /// Of the keys that judged the last token.
    @safe @exclusivity(unchecked) private var generation: UInt64
    private let verifier = TokenVerifier()
    private let cache: VerifiedTokenCache?
    @safe @exclusivity(unchecked) private var queue: VerificationQueue<VerificationJob>
    @safe @exclusivity(unchecked) private var batchesOut = 0
    @safe @exclusivity(unchecked) private var ready = Deque<VerificationJob>()
    @safe @exclusivity(unchecked) private var isDispatchScheduled = false
    @safe @exclusivity(unchecked) private var isDeliveryScheduled = false
    /// Tokens in the queue whose sockets have gone.
    @safe @exclusivity(unchecked) private var unwanted = 0
    /// The mean time a worker takes for a token, in nanoseconds.
    @safe @exclusivity(unchecked) private(set) var meanDuration: Double = 0
    private let seed = UInt64.random(in: .min ... .max)

    init(server: AGServer, loop: EventLoop, index: Int) {
        let options = server.options
        self.server = server
        self.loop = loop
        self.index = index
        policy = server.settings.policy
        scheduling = options.authScheduling
        caching = options.authCaching
        pool = server.pool
        metrics = server.metrics
        logger = server.logger
        keys = KeyStore.Reader(server.keys)
        generation = server.keys.verification.generation
        let share = options.authCacheLimit / options.loops
        cache =
            options.authCaching == .never || share == 0
            ? nil : VerifiedTokenCache(policy: server.settings.policy, maximumTokens: share)
        queue = VerificationQueue(
            limit: max(1, options.authPoolLimit / options.loops),
            maximumWait: UInt64(options.authPoolMaximumWait) * 1_000_000
        )
    }

    var cacheStatistics: (hits: Int, misses: Int, tokens: Int, bytes: Int) {
        guard let cache else { return (0, 0, 0, 0) }
        return (cache.statistics.hits, cache.statistics.misses, cache.count, cache.bytes)
    }

    /// Judges a token without waiting, if that is how it is to be done.
    ///
    /// - Parameters:
    ///   - now: the time in whole seconds since 1970.
    /// - Returns: nil if the token is one for the pool.
    func judge(_ token: [UInt8], now: Int64) -> Result<VerifiedToken, TokenError>? {
        let keys = keys.current().verification
        let isSymmetric = server.keys.isSymmetric
        let cache = caching == .always || !isSymmetric ? cache : nil
        if keys.generation != generation { keysChanged(keys) }
        if let cache {
            if let known = cache.token(token.rawBytes, keys: keys, now: now) {
                metrics.cacheHits.increment()
                return .success(known)
            }
            metrics.cacheMisses.increment()
        }
        let isOffloaded =
            switch scheduling {
            case .automatic: !isSymmetric
            case .inline: false
            case .offloaded: true
            }
        // The pool counts tokens, not bytes: one that is refused for its length is not queued.
        if isOffloaded, pool != nil, token.count <= policy.maximumTokenLength { return nil }
        let result = verifier.result(token, keys: keys, policy: policy, now: now)
        if let cache, case .success(let verified) = result {
            cache.insert(verified, for: token, generation: keys.generation, epoch: cache.epoch)
        }
        count(result, verifier.lastAlgorithm)
        return result
    }

    private func keysChanged(_ keys: KeySet) {
        generation = keys.generation
        logger.debug(
            "The verification keys were replaced",
            metadata: ["keys": "\(keys.keys.count)", "loop": "\(index)"]
        )
    }

    /// Has a token verified by the pool; the answer comes to ``AGServerSocket/tokenVerified(_:ticket:)``.
    ///
    /// - Parameter network: the peer's, see `Connection.remoteNetwork()`.
    /// - Returns: false if there is no room for it.
    func enqueue(_ job: VerificationJob, network: UInt64) -> Bool {
        guard let pool else { return false }
        var job = job
        job.since = EventLoop.monotonicNanoseconds()
        job.cacheEpoch = cache?.epoch ?? 0
        var isAccepted = append(job, network, pool)
        if !isAccepted, unwanted > queue.count / 4 {
            sweep(pool)
            isAccepted = append(job, network, pool)
        }
        guard isAccepted else {
            pool.counters.refused.add(1, ordering: .relaxed)
            metrics.queueRefused.increment()
            return false
        }
        pool.counters.tokens.add(1, ordering: .relaxed)
        pool.counters.waiting.add(1, ordering: .relaxed)
        metrics.queueDepth.increment()
        scheduleDispatch()
        return true
    }

    /// A socket has gone whose token may be waiting here.
    func socketEnded() {
        unwanted += 1
    }

    /// Forgets the verified tokens: one of them was revoked.
    func emptyCache() {
        cache?.removeAll()
    }

    /// The loop's sockets are closed; nothing that waits is wanted any more.
    func stop() {
        if let pool { sweep(pool) }
        pool = nil
    }

    private func append(_ job: VerificationJob, _ network: UInt64, _ pool: VerificationPool) -> Bool {
        let competing = max(1, pool.counters.loopsAtWork.load(ordering: .relaxed) + (batchesOut == 0 ? 1 : 0))
        do throws(VerificationQueue<VerificationJob>.Refusal) {
            try queue.append(
                job,
                line: line(network),
                lane: job.lane,
                nanosecondsEach: meanDuration * Double(competing) / Double(max(1, pool.workers))
            )
            return true
        } catch {
            return false
        }
    }

    private func line(_ network: UInt64) -> Int {
        var hasher = Hasher()
        hasher.combine(seed)
        hasher.combine(network)
        return Int(UInt(bitPattern: hasher.finalize()) % UInt(FairQueue<VerificationJob>.lineCount))
    }

    private func sweep(_ pool: VerificationPool) {
        let before = queue.count
        queue.removeAll { !$0.isWanted }
        abandoned(before - queue.count, pool)
        unwanted = 0
    }

    private func abandoned(_ count: Int, _ pool: VerificationPool) {
        pool.counters.abandoned.add(count, ordering: .relaxed)
        pool.counters.waiting.subtract(count, ordering: .relaxed)
        metrics.queueDepth.decrement(by: Double(count))
    }

    // MARK: To the workers

    private func scheduleDispatch() {
        guard !isDispatchScheduled else { return }
        isDispatchScheduled = true
        loop.executeAfterPoll { self.dispatch() }
    }

    private func dispatch() {
        isDispatchScheduled = false
        guard let pool else { return }
        let workers = max(1, pool.workers)
        // Results that the loop has no time for would only wait in another place.
        while batchesOut <= workers, ready.count < 2 * Self.batchLimit, queue.count > 0 {
            var jobs: [VerificationJob] = []
            let size = min(Self.batchLimit, (queue.count + workers - 1) / workers)
            while jobs.count < size, let job = queue.popFirst() {
                guard job.isWanted else {
                    queue.settled(1)
                    unwanted = max(0, unwanted - 1)
                    abandoned(1, pool)
                    continue
                }
                jobs.append(job)
            }
            guard !jobs.isEmpty, pool.submit(VerificationPool.Batch(jobs: jobs, owner: self), lane: index) else {
                queue.settled(jobs.count)
                abandoned(jobs.count, pool)
                continue
            }
            if batchesOut == 0 { pool.counters.loopsAtWork.add(1, ordering: .relaxed) }
            batchesOut += 1
        }
    }

    // MARK: From the workers

    /// A worker is done with a batch.
    func completed(_ batch: VerificationPool.Batch) {
        batchesOut -= 1
        if batchesOut == 0 { pool?.counters.loopsAtWork.subtract(1, ordering: .relaxed) }
        let mean = Double(batch.duration) / Double(batch.jobs.count)
        meanDuration = meanDuration == 0 ? mean : meanDuration + (mean - meanDuration) / 8
        ready.append(contentsOf: batch.jobs)
        scheduleDelivery()
        if queue.count > 0 { dispatch() }
    }

    private func scheduleDelivery() {
        guard !isDeliveryScheduled else { return }
        isDeliveryScheduled = true
        loop.executeAfterPoll { self.deliver() }
    }

    private func deliver() {
        isDeliveryScheduled = false
        let minimum = loop.isHurried ? 1 : Self.deliveryMinimum
        for given in 0..<Self.deliveryLimit {
            // Somebody is waited for by every token, so some are given out whatever else there was to do.
            if given >= minimum, loop.isTurnSpent { break }
            guard let job = ready.popFirst() else { break }
            queue.settled(1)
            pool?.counters.waiting.subtract(1, ordering: .relaxed)
            metrics.queueDepth.decrement()
            guard let result = job.result else { continue }
            count(result, job.algorithm)
            if case .success(let verified) = result, caching == .always || !verified.algorithm.isSymmetric {
                cache?.insert(verified, for: job.token, generation: job.generation, epoch: job.cacheEpoch)
            }
            job.socket.assumeIsolated { $0.tokenVerified(result, ticket: job.ticket) }
        }
        if !ready.isEmpty { scheduleDelivery() }
        if queue.count > 0 { scheduleDispatch() }
    }

    private func count(_ result: Result<VerifiedToken, TokenError>, _ algorithm: Algorithm?) {
        switch result {
        case .success: metrics.verified(algorithm, .accepted)
        case .failure(let error): metrics.verified(algorithm, .init(error))
        }
    }
}
