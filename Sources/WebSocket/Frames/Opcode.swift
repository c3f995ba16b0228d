/// The frame types of RFC 6455 §5.2; every other value is reserved and refused.
public enum Opcode: UInt8, Sendable {
    /// A further fragment of the message in progress.
    case continuation = 0x0
    /// The first (or only) frame of a UTF-8 text message.
    case text = 0x1
    /// The first (or only) frame of a binary message.
    case binary = 0x2
    /// The closing handshake (§5.5.1).
    case close = 0x8
    /// A request for a pong with the same payload (§5.5.2).
    case ping = 0x9
    /// The answer to a ping, or an unsolicited heartbeat (§5.5.3).
    case pong = 0xA

    /// Whether frames of this type may stand between the fragments of a message (§5.5).
    @inlinable
    public var isControl: Bool { rawValue & 0x8 != 0 }
}
