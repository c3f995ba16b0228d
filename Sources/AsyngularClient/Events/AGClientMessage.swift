/// A whole WebSocket message as it came.
public struct AGClientMessage: Sendable {
    /// The message's bytes; UTF-8 if it was text.
    public let bytes: [UInt8]
    /// Whether it came in a binary frame.
    public let isBinary: Bool
}
