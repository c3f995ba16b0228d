import StrictJSON

/// What the program sends while the connection is being opened (contract §6). Bounded in number and bytes.
struct Outbox<Caller> {
    enum Kind {
        case transmit
        case call(UInt32, Caller)
        case authenticate(UInt32, Caller?, token: String)

        var id: UInt32? {
            switch self {
            case .transmit: nil
            case .call(let id, _), .authenticate(let id, _, _): id
            }
        }
    }

    struct Entry {
        let event: String
        let data: JSONText?
        let kind: Kind
        let deadline: UInt64

        var byteCount: Int { event.utf8.count + (data?.bytes.count ?? 0) }
    }

    private var entries: [Entry] = []
    private var byteCount = 0

    var count: Int { entries.count }

    /// - Returns: false if there is no room.
    mutating func append(_ entry: Entry, limit: Int, byteLimit: Int) -> Bool {
        guard entries.count < limit, byteCount + entry.byteCount <= byteLimit else { return false }
        entries.append(entry)
        byteCount += entry.byteCount
        return true
    }

    mutating func removeAll() -> [Entry] {
        defer {
            entries = []
            byteCount = 0
        }
        return entries
    }

    mutating func removeExpired(_ now: UInt64) -> [Entry] {
        let expired = entries.filter { $0.deadline <= now }
        if !expired.isEmpty { keep { $0.deadline > now } }
        return expired
    }

    var earliestDeadline: UInt64 {
        entries.reduce(.max) { min($0, $1.deadline) }
    }

    mutating func remove(_ id: UInt32) -> Entry? {
        guard let index = entries.firstIndex(where: { $0.kind.id == id }) else { return nil }
        byteCount -= entries[index].byteCount
        return entries.remove(at: index)
    }

    private mutating func keep(_ isKept: (Entry) -> Bool) {
        entries = entries.filter(isKept)
        byteCount = entries.reduce(0) { $0 + $1.byteCount }
    }
}
