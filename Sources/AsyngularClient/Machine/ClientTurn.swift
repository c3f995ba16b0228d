import SocketProtocol

/// One input's surroundings: what time it is, and where the machine notes what it wants done.
///
/// Owned by whoever drives the machine and used again, so that an input allocates nothing for it.
struct ClientTurn<Caller> {
    /// Milliseconds of a clock that only goes forward.
    var now: UInt64
    /// What the machine wants done, in order.
    var actions: [ClientAction<Caller>] = []
    /// Room for the packets of one message.
    var packets: [Packet] = []

    init(now: UInt64) {
        self.now = now
    }

    mutating func emit(_ event: ClientEvent) {
        actions.append(.emit(event))
    }
}
