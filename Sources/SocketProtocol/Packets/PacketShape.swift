/// What is known of an object's members while it is scanned; the last of several members of the same name counts.
struct PacketShape {
    private var event = PacketSlot.absent
    private var eventHasEscapes = false
    private var cid = PacketSlot.absent
    private var cidIsNumber = false
    private var rid = PacketSlot.absent
    private var ridIsNumber = false
    private var data = PacketSlot.absent
    private var error = PacketSlot.absent

    /// Takes note of a member whose value starts with the byte `first`.
    @inline(always)
    mutating func set(_ name: PacketName, to value: PacketSlot, first: UInt8, hasEscapes: Bool) {
        switch name {
        case .event:
            let isString = first == 0x22
            event = isString ? PacketSlot(lower: value.lower &+ 1, upper: value.upper &- 1) : .absent
            eventHasEscapes = hasEscapes
        case .cid:
            cid = first == 0x6E ? .absent : value
            cidIsNumber = PacketShape.startsNumber(first)
        case .rid:
            rid = first == 0x6E ? .absent : value
            ridIsNumber = PacketShape.startsNumber(first)
        case .data:
            data = value
        case .error:
            error = first == 0x6E ? .absent : value
        case .other:
            break
        }
    }

    /// The packet that the members make (contract §2): `event` wins over `rid`.
    @inline(always)
    func packet(_ rule: PacketScanner.IdentifierRule) -> Packet {
        if event.isPresent {
            let isCall = cid.isPresent && (cidIsNumber || rule == .nonNull)
            return Packet(
                kind: isCall ? .invoke : .transmit,
                event: event,
                eventHasEscapes: eventHasEscapes,
                identifier: isCall ? cid : .absent,
                data: data,
                error: error
            )
        }
        guard rid.isPresent, ridIsNumber || rule == .nonNull else { return Packet(kind: .raw) }
        return Packet(kind: .response, identifier: rid, data: data, error: error)
    }

    @inline(always)
    private static func startsNumber(_ byte: UInt8) -> Bool { byte == 0x2D || byte &- 0x30 < 10 }
}
