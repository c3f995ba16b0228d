import EventLoop
import WebSocket

/// One client's connection: upgrade, handshake with the token, then echoes if it is an established one.
final class StormPeer: ConnectionHandler {
    private enum Phase {
        case upgrading, handshaking, open, done
    }

    private unowned let client: StormClient
    private let isEstablished: Bool
    private var phase = Phase.upgrading
    private var parser = WebSocketParser(role: .client)
    /// When the echoes that are not answered yet were due, and what this thread had waited for its core then.
    private var due: [(time: UInt64, waited: UInt64)] = []
    var onOpen: () -> Void = {}

    private static let echo = Array(#"{"event":"echo","data":"0123456789012345678901234567890123456789","cid":7}"#.utf8)

    init(_ client: StormClient, isEstablished: Bool) {
        self.client = client
        self.isEstablished = isEstablished
        if !isEstablished { client.outcomes.started += 1 }
    }

    override func connected() {
        let request = """
            GET /socketcluster/ HTTP/1.1\r\nHost: storm\r\nUpgrade: websocket\r\nConnection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n
            """
        write(Array(request.utf8))
    }

    /// Sends one echo, which was due at a time.
    func echo(dueAt time: UInt64) {
        due.append((time, client.runDelay?.nanoseconds() ?? 0))
        write(FrameWriter.frame(.text, mask: FrameWriter.randomMask(), payload: Self.echo))
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        var position = 0
        if phase == .upgrading {
            // The server sends its head in one piece, and nothing behind it before our handshake.
            guard bytes.byteCount > 12 else { return }
            phase = .handshaking
            let handshake = ##"{"event":"#handshake","data":{"authToken":"\##(client.token)"},"cid":1}"##
            write(FrameWriter.frame(.text, mask: FrameWriter.randomMask(), payload: Array(handshake.utf8)))
            return
        }
        while phase != .done {
            do {
                guard let event = try parser.next(&bytes, at: &position) else { return }
                switch event {
                case .message(_, let payload, _): message(payload)
                case .close(let code, _): closed(code: code)
                default: break
                }
            } catch {
                connection?.abort()
                return
            }
        }
    }

    private func message(_ payload: WebSocketParser.Payload) {
        if case .assembled = payload { _ = parser.takeAssembled() }
        switch phase {
        case .handshaking:
            phase = .open
            if isEstablished { return onOpen() }
            end { $0.accepted += 1 }
        case .open where !due.isEmpty:
            let echo = due.removeFirst()
            client.answered(after: EventLoop.monotonicNanoseconds() - echo.time, waitedBefore: echo.waited)
        default: break
        }
    }

    private func closed(code: UInt16?) {
        guard !isEstablished else { return }
        end { outcomes in if code == 1013 { outcomes.refused += 1 } else { outcomes.failed += 1 } }
    }

    /// A newcomer has its answer; the connection is given up.
    private func end(_ count: (inout StormClient.Outcomes) -> Void) {
        phase = .done
        count(&client.outcomes)
        client.newcomerEnded()
        // By a reset: as client and server are one kernel here, the clients' TIME_WAIT would end on the server's core, tens of
        // thousands within one timer interrupt a minute later (turns of 7-11 ms were seen).
        connection?.abort()
    }

    override func closed(_ reason: ConnectionCloseReason) {
        guard phase != .done else { return }
        phase = .done
        if isEstablished {
            if !client.isEnding { client.lost += 1 }
        } else {
            client.outcomes.failed += 1
            client.newcomerEnded()
        }
    }

    private func write(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe connection?.write(RawSpan(_unsafeBytes: $0)) }
    }
}
