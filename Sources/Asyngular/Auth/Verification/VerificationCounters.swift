import Synchronization

/// What a server's verification pool has done so far, all loops together.
final class VerificationCounters: Sendable {
    /// A copy of the counts.
    struct Snapshot: Sendable, Equatable {
        /// Batches handed to the workers.
        var batches = 0
        /// Tokens taken in.
        var tokens = 0
        /// Tokens not taken in.
        var refused = 0
        /// Tokens taken in whose socket was gone before their turn came.
        var abandoned = 0
        /// Tokens taken in and not answered yet.
        var waiting = 0
    }

    let batches = Atomic<Int>(0)
    let tokens = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let abandoned = Atomic<Int>(0)
    let waiting = Atomic<Int>(0)
    /// Loops whose tokens the workers have.
    let loopsAtWork = Atomic<Int>(0)

    var snapshot: Snapshot {
        Snapshot(
            batches: batches.load(ordering: .relaxed),
            tokens: tokens.load(ordering: .relaxed),
            refused: refused.load(ordering: .relaxed),
            abandoned: abandoned.load(ordering: .relaxed),
            waiting: waiting.load(ordering: .relaxed)
        )
    }
}
