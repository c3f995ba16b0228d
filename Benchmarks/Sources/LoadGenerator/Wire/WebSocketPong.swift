import WebSocket

/// The answer to a WebSocket ping.
enum WebSocketPong {
    static func frame(_ payload: [UInt8]) -> [UInt8] {
        FrameWriter.frame(.pong, mask: ClientFrames.mask, payload: payload)
    }
}
