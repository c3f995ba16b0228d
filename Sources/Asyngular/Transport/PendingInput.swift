import WebSocket

/// What a connection has received and not taken up, kept apart because most have nothing of it most of the time.
final class PendingInput {
    /// Knows the message that the input has so far only the beginning of.
    var parser: WebSocketParser?
    /// Came while input was held.
    var held: [UInt8] = []
}
