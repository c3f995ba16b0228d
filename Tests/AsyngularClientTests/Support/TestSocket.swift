import AsyngularClient
import EventLoop
import WebSocket

/// What a dial and its WebSocket tell.
enum DialEvent: Sendable, Equatable {
    case opened
    case text(String)
    case binary([UInt8])
    case ended(UInt16, String)
    case writable(Bool)
    case failed(DialError)
}

/// A WebSocket that reports to the test.
final class TestSocket: ClientWebSocket, @unchecked Sendable {
    let events: EventQueue<DialEvent>
    var onOpened: ((TestSocket) -> Void)?
    var onMessage: ((TestSocket, String) -> Void)?
    var filterForExtensions: ((String) -> MessageFilter?)?

    init(_ loop: EventLoop, _ events: EventQueue<DialEvent>, limits: WebSocketParser.Limits = .init()) {
        self.events = events
        super.init(loop: loop, limits: limits)
    }

    override func opened() {
        events.append(.opened)
        onOpened?(self)
    }

    override func message(_ kind: WebSocketParser.MessageKind, _ bytes: RawSpan) {
        let copy = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
        let text = String(decoding: copy, as: UTF8.self)
        events.append(kind == .text ? .text(text) : .binary(copy))
        onMessage?(self, text)
    }

    override func ended(code: UInt16, reason: String) {
        events.append(.ended(code, reason))
    }

    override func makeFilter(extensions: String) -> MessageFilter? {
        filterForExtensions?(extensions)
    }

    override func writabilityChanged(_ isWritable: Bool) {
        events.append(.writable(isWritable))
    }
}
