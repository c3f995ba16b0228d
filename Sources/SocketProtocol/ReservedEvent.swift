import StrictJSON

/// The event names that the protocol itself gives a meaning (contract §5). Any other name is the user's, even with a
/// `#`.
public enum ReservedEvent: String, Sendable, Hashable, CaseIterable {
    /// Client to server: the first packet, with the token if there is one.
    case handshake = "#handshake"
    /// Client to server: a token for an open socket.
    case authenticate = "#authenticate"
    /// Either way: forget the token.
    case removeAuthToken = "#removeAuthToken"
    /// Server to client: here is your token.
    case setAuthToken = "#setAuthToken"
    /// Client to server.
    case subscribe = "#subscribe"
    /// Client to server.
    case unsubscribe = "#unsubscribe"
    /// Either way: a channel's message.
    case publish = "#publish"
    /// Server to client: removed from a channel.
    case kickOut = "#kickOut"
    /// Protocol version 1 only (contract §19).
    case disconnect = "#disconnect"

    /// The reserved event that `name` spells, in the message it was found in; nil for a user event. No allocation.
    public static func matching(_ name: JSONString, in bytes: RawSpan) -> ReservedEvent? {
        guard let first = bytes.extracting(name.range).firstByte else { return nil }
        // 0x5C: an escape may stand for the '#'.
        guard first == 0x23 || first == 0x5C else { return nil }
        if name.equals("#publish", in: bytes) { return .publish }
        if name.equals("#subscribe", in: bytes) { return .subscribe }
        if name.equals("#unsubscribe", in: bytes) { return .unsubscribe }
        if name.equals("#handshake", in: bytes) { return .handshake }
        if name.equals("#authenticate", in: bytes) { return .authenticate }
        if name.equals("#removeAuthToken", in: bytes) { return .removeAuthToken }
        if name.equals("#setAuthToken", in: bytes) { return .setAuthToken }
        if name.equals("#kickOut", in: bytes) { return .kickOut }
        if name.equals("#disconnect", in: bytes) { return .disconnect }
        return nil
    }
}

extension RawSpan {
    /// The first byte, if there is one.
    fileprivate var firstByte: UInt8? {
        isEmpty ? nil : unsafe unsafeLoad(fromByteOffset: 0, as: UInt8.self)
    }
}
