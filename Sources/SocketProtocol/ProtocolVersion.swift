/// The protocol's two generations; both ends must be configured alike, nothing is negotiated (contract §3, §19).
public enum ProtocolVersion: Int, Sendable, Hashable, CaseIterable {
    /// The callback-era packages up to version 14.
    case v1 = 1
    /// Asyngular, and SocketCluster from version 15. The default.
    case v2 = 2

    /// The server's ping, sent as a bare text frame, never inside a batch.
    @inlinable
    public var pingText: String { self == .v1 ? "#1" : "" }

    /// The client's answer to a ping.
    @inlinable
    public var pongText: String { self == .v1 ? "#2" : "" }

    /// Whether a text message is a ping of this version. Tested before decoding.
    @inlinable
    public func isPing(_ message: RawSpan) -> Bool { matches(message, 0x31) }

    /// Whether a text message is a pong of this version. Tested before decoding.
    @inlinable
    public func isPong(_ message: RawSpan) -> Bool { matches(message, 0x32) }

    @inlinable
    func matches(_ message: RawSpan, _ digit: UInt8) -> Bool {
        guard self == .v1 else { return message.isEmpty }
        guard message.byteCount == 2 else { return false }
        return unsafe message.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == 0x23
            && message.unsafeLoad(fromByteOffset: 1, as: UInt8.self) == digit
    }
}
