import StrictJSON

/// One packet of the protocol, as byte ranges of the message it came in (contract §2).
///
/// A packet holds no bytes: the ranges mean something only beside the message they were found in.
@frozen
public struct Packet: Sendable, Hashable {
    /// What a packet asks of its receiver.
    @frozen
    public enum Kind: UInt8, Sendable, Hashable {
        /// `event` is a string, there is no call id: nobody waits for an answer.
        case transmit
        /// `event` is a string and there is a call id: the sender waits for a response.
        case invoke
        /// There is no `event`, but the id of a call of ours that this answers.
        case response
        /// Anything else: surfaces as a local `raw` event that carries the whole message.
        case raw
    }

    /// What the packet asks of its receiver.
    public let kind: Kind
    @usableFromInline
    let eventHasEscapes: Bool
    @usableFromInline
    let eventSlot: PacketSlot
    @usableFromInline
    let identifierSlot: PacketSlot
    @usableFromInline
    let dataSlot: PacketSlot
    @usableFromInline
    let errorSlot: PacketSlot

    @inlinable
    init(
        kind: Kind,
        event: PacketSlot = .absent,
        eventHasEscapes: Bool = false,
        identifier: PacketSlot = .absent,
        data: PacketSlot = .absent,
        error: PacketSlot = .absent
    ) {
        self.kind = kind
        self.eventHasEscapes = eventHasEscapes
        eventSlot = event
        identifierSlot = identifier
        dataSlot = data
        errorSlot = error
    }

    /// The event's name, between its quotes; empty for responses and raw packets.
    @inlinable
    public var event: JSONString {
        JSONString(range: eventSlot.range ?? 0..<0, hasEscapes: eventHasEscapes)
    }

    /// The text of `cid` for an invoke, of `rid` for a response, to be echoed or compared as it is; empty otherwise.
    @inlinable
    public var cid: Range<Int> { identifierSlot.range ?? 0..<0 }

    /// The text of `data`; nil if there is none, which is not the same as `null`.
    @inlinable
    public var data: Range<Int>? { dataSlot.range }

    /// The text of `error`; nil if there is none or it is `null`, which means success.
    @inlinable
    public var error: Range<Int>? { errorSlot.range }
}
