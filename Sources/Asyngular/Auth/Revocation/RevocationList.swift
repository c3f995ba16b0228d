import Synchronization

/// The revocations that the loops of a server share. Without any, asking costs one load.
final class RevocationList: Sendable {
    private let index: Mutex<RevocationIndex>
    private let isInUse = Atomic<Bool>(false)

    init(limit: Int) {
        index = Mutex(RevocationIndex(limit: limit))
    }

    /// - Returns: false if there is no room.
    func insert(_ revocation: AGRevocation) -> Bool {
        let now = Double(WallClock.seconds())
        let isKept = index.withLock { $0.insert(revocation, now: now) }
        if isKept { isInUse.store(true, ordering: .releasing) }
        return isKept
    }

    func contains(_ token: AGAuthToken) -> Bool {
        guard isInUse.load(ordering: .acquiring) else { return false }
        return index.withLock { $0.contains(token) }
    }
}
