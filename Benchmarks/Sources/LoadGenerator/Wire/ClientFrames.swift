import SocketProtocol
import WebSocket

/// The bytes a client sends, made once. One mask serves every frame: it hides nothing here, and masking anew would be the
/// load generator's largest cost.
struct ClientFrames: Sendable {
    /// The mask of every frame.
    static let mask: UInt32 = 0x3D21_FA37

    /// The upgrade request.
    let upgrade: [UInt8]
    /// The answer to an empty ping (protocol 2).
    let emptyPong: [UInt8]
    /// The answer to `#1` (protocol 1).
    let numberedPong: [UInt8]

    init(target: LoadTarget) {
        upgrade = Array(
            """
            GET \(target.path) HTTP/1.1\r
            Host: \(target.host)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            \r

            """.utf8
        )
        emptyPong = Self.text([])
        numberedPong = Self.text(Array("#2".utf8))
    }

    /// A masked text frame.
    static func text(_ payload: [UInt8]) -> [UInt8] {
        FrameWriter.frame(.text, mask: mask, payload: payload)
    }

    /// The frame of a `#handshake`.
    static func handshake(token: String?) -> [UInt8] {
        text(PacketWriter.handshake(authToken: token, cid: 1))
    }
}
