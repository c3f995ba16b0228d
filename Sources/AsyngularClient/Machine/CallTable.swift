import SocketProtocol
import StrictJSON

/// What this client has sent and the server has not answered yet, by call number (contract §2).
struct CallTable<Caller> {
    enum Kind {
        /// The program waits; the number is its own for this call.
        case call(UInt32, Caller)
        /// A token was presented; nobody waits if it was a renewal or the caller has gone.
        case authenticate(UInt32, Caller?, token: String)
        /// A channel was subscribed to.
        case subscribe([UInt8], AGSubscribeOptions)
    }

    struct Entry {
        let event: String
        var kind: Kind
        /// When to give up; `UInt64.max` for never.
        let deadline: UInt64
    }

    private var entries: [Int: Entry] = [:]

    var count: Int { entries.count }

    mutating func insert(_ entry: Entry, for cid: Int) {
        entries[cid] = entry
    }

    @discardableResult
    mutating func remove(_ cid: Int) -> Entry? {
        entries.removeValue(forKey: cid)
    }

    /// Everything, in the order it was sent; nothing is left.
    mutating func removeAll() -> [Entry] {
        guard !entries.isEmpty else { return [] }
        defer { entries = [:] }
        return entries.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Takes out what has waited too long, in the order it was sent.
    mutating func removeExpired(_ now: UInt64) -> [Entry] {
        let expired = entries.filter { $0.value.deadline <= now }.sorted { $0.key < $1.key }
        for (cid, _) in expired { entries[cid] = nil }
        return expired.map(\.value)
    }

    /// When the next one will have waited too long.
    var earliestDeadline: UInt64 {
        entries.values.reduce(.max) { min($0, $1.deadline) }
    }

    /// Lets go of a caller. A call is forgotten; the answer to a token is still waited for, since it decides the state.
    mutating func release(_ id: UInt32) -> (Entry, Caller)? {
        for (cid, entry) in entries {
            switch entry.kind {
            case .call(id, let caller):
                entries[cid] = nil
                return (entry, caller)
            case .authenticate(id, let caller?, let token):
                entries[cid]?.kind = .authenticate(id, nil, token: token)
                return (entry, caller)
            default:
                continue
            }
        }
        return nil
    }
}
