import EventLoop
import Synchronization

/// What a server is doing and did so far.
public struct AGServerStatistics: Sendable {
    /// Tokens and the verification pool, all loops together.
    public struct Verification: Sendable, Equatable {
        /// Tokens the pool took in.
        public internal(set) var tokens = 0
        /// Batches they were handed to the workers in.
        public internal(set) var batches = 0
        /// Tokens refused for want of room or time; their sockets were closed with 1013.
        public internal(set) var refused = 0
        /// Tokens whose sockets were gone before their turn came.
        public internal(set) var abandoned = 0
        /// Tokens that wait now.
        public internal(set) var waiting = 0
        /// Tokens found in the cache of verified ones.
        public internal(set) var cacheHits = 0
        /// Tokens looked for there in vain.
        public internal(set) var cacheMisses = 0
        /// Tokens kept there now.
        public internal(set) var cachedTokens = 0
        /// Memory they take, bytes.
        public internal(set) var cachedBytes = 0
    }

    /// Sockets whose handshake was accepted.
    public internal(set) var clients = 0
    /// Sockets that have not completed their handshake.
    public internal(set) var pendingClients = 0
    /// The event loops' counters; none before the server listens.
    public internal(set) var loops: [EventLoopStatistics] = []
    /// The verification of tokens.
    public internal(set) var verification = Verification()
}

extension AGServer {
    /// What the server is doing and did so far, asked of each loop.
    ///
    /// - Parameter restartingLongestTurn: begins anew with `EventLoopStatistics.longestTurnNanoseconds`, so that the next
    ///   answer is about the time from now on.
    public func statistics(restartingLongestTurn: Bool = false) async -> AGServerStatistics {
        var statistics = AGServerStatistics()
        statistics.clients = clientsCount
        statistics.pendingClients = pendingClientsCount
        if let counts = pool?.counters.snapshot {
            statistics.verification.tokens = counts.tokens
            statistics.verification.batches = counts.batches
            statistics.verification.refused = counts.refused
            statistics.verification.abandoned = counts.abandoned
            statistics.verification.waiting = counts.waiting
        }
        for context in state.withLock({ $0.contexts }) {
            let (loop, cache) = await withCheckedContinuation { continuation in
                context.loop.execute {
                    let loop = context.loop.statistics
                    if restartingLongestTurn { context.loop.restartLongestTurn() }
                    continuation.resume(returning: (loop, context.verification.cacheStatistics))
                }
            }
            statistics.loops.append(loop)
            statistics.verification.cacheHits += cache.hits
            statistics.verification.cacheMisses += cache.misses
            statistics.verification.cachedTokens += cache.tokens
            statistics.verification.cachedBytes += cache.bytes
        }
        return statistics
    }
}
