/// Packets held back to go out as one message (contract §16).
struct Batch {
    /// Whether packets are held back now.
    var isBuffering = false
    /// Whether the program wants batches all the time, across connections.
    var isPeriodic = false
    /// Whether what is held back goes out by the clock.
    var isTimed = false
    /// When it does, while anything is, and when batching after a handshake ends.
    var flushDue = UInt64.max
    var endDue = UInt64.max

    private(set) var packets: [[UInt8]] = []
    private var byteCount = 0

    /// Beyond either of these a batch goes out before its time: the peer's limits are not known.
    static let packetLimit = 1000
    static let byteLimit = 256 * 1024

    /// - Returns: true if the batch is full.
    mutating func append(_ packet: [UInt8]) -> Bool {
        packets.append(packet)
        byteCount += packet.count
        return packets.count >= Self.packetLimit || byteCount >= Self.byteLimit
    }

    mutating func take() -> [[UInt8]] {
        defer { discard() }
        return packets
    }

    mutating func discard() {
        packets = []
        byteCount = 0
    }
}
