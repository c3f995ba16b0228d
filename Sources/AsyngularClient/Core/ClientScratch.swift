import EventLoop
import Synchronization

/// What all clients of one loop use in turn, so that none keeps it for itself. Confined to the loop.
final class ClientScratch: @unchecked Sendable {
    private var turn: ClientTurn<ClientCaller>? = ClientTurn(now: 0)

    /// - Returns: an empty turn, the loop's own unless an input is being worked on already.
    func takeTurn(now: UInt64) -> ClientTurn<ClientCaller> {
        guard var taken = turn else { return ClientTurn(now: now) }
        turn = nil
        taken.now = now
        return taken
    }

    /// Its arrays must have no other owner here: emptying them would allocate new ones.
    func returnTurn(_ returned: inout ClientTurn<ClientCaller>) {
        // What one large message needed is not kept for ever.
        guard returned.actions.capacity <= 1024, returned.packets.capacity <= 1024 else {
            turn = ClientTurn(now: 0)
            return
        }
        returned.actions.removeAll(keepingCapacity: true)
        returned.packets.removeAll(keepingCapacity: true)
        turn = returned
    }

    // MARK: One for each loop

    private struct Known {
        weak var scratch: ClientScratch?
    }

    private static let all = Mutex<[ObjectIdentifier: Known]>([:])

    /// The loop's scratch; it lives as long as clients have it.
    static func of(_ loop: EventLoop) -> ClientScratch {
        all.withLock { all in
            if let scratch = all[ObjectIdentifier(loop)]?.scratch { return scratch }
            let scratch = ClientScratch()
            all = all.filter { $0.value.scratch != nil }
            all[ObjectIdentifier(loop)] = Known(scratch: scratch)
            return scratch
        }
    }
}
