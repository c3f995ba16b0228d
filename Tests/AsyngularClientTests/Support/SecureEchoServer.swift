import EventLoop
import TLS
import WebSocket

/// A `wss` server that sends every message back.
final class SecureEchoServer: Sendable {
    private final class Handler: ConnectionHandler {
        private let context: TLSContext
        private var heads: HTTPRequestParser? = HTTPRequestParser()
        private var parser = WebSocketParser(role: .server)

        init(_ context: TLSContext) {
            self.context = context
        }

        override func connected() {
            connection?.attach(TLSFilter(context: context) { _ in })
        }

        override func receive(_ bytes: inout MutableRawSpan) {
            var input = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
            var position = 0
            if heads != nil {
                guard let head = try? unsafe heads?.receive(input.span.bytes, at: &position) else { return }
                guard case .accept(let request) = WebSocketUpgrade.evaluate(head) else { return }
                write(request.response())
                heads = nil
            }
            while true {
                var span = input.mutableSpan
                var raw = unsafe span.mutableBytes
                guard let event = try? parser.next(&raw, at: &position) else { return }
                switch event {
                case .message(_, .inPlace(let range), _): write(FrameWriter.frame(.text, payload: Array(input[range])))
                case .message(_, .assembled, _): write(FrameWriter.frame(.text, payload: parser.takeAssembled()))
                case .close:
                    write(FrameWriter.frame(.close))
                    connection?.close()
                default: break
                }
            }
        }

        private func write(_ bytes: [UInt8]) {
            connection?.write(SharedBytes(bytes))
        }
    }

    private let group: EventLoopGroup
    private let listener: Listener

    var port: UInt16 {
        guard case .ip(_, let port) = listener.localAddress else { return 0 }
        return UInt16(port)
    }

    init(_ context: TLSContext) async throws {
        group = try EventLoopGroup(count: 1)
        listener = try await Listener.bind(.ip(host: "127.0.0.1", port: 0), group: group) { _ in Handler(context) }
    }

    func shutdown() async {
        await group.shutdown()
    }
}
