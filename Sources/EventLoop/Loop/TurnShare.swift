/// What a turn has for connections that can wait: enough that many are served at little cost each, or so little that those
/// that cannot wait have their turn soon.
struct TurnShare {
    /// Until when the turn goes on with them, from its beginning.
    let nanoseconds: UInt64
    /// Those that are read from however long the turn has been, lest others keep them waiting for ever.
    let leastReads: UInt32
    /// Those that are read from at most: what a read brings about costs more later in the turn than at once.
    let mostReads: UInt32

    /// Nobody else is there: who is put off costs two system calls more.
    static let ample = TurnShare(nanoseconds: 500_000, leastReads: 8, mostReads: 64)
    /// Others are.
    static let brief = TurnShare(nanoseconds: 60_000, leastReads: 2, mostReads: 4)
}
