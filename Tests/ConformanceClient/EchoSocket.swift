import AsyngularClient
import EventLoop
import WebSocket

/// Sends every message back.
final class EchoSocket: ClientWebSocket {
    private let done: (String) -> Void
    private var first: String?

    /// - Parameter done: called at the end, with the first text.
    init(_ loop: EventLoop, done: @escaping (String) -> Void) {
        self.done = done
        super.init(loop: loop)
    }

    override func message(_ kind: WebSocketParser.MessageKind, _ bytes: RawSpan) {
        if first == nil, kind == .text {
            first = unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0.prefix(100), as: UTF8.self) }
        }
        send(kind == .text ? .text : .binary, bytes)
    }

    override func ended(code: UInt16, reason: String) {
        done(first ?? "")
    }
}
