import EventLoop
import WebSocket

/// A plain WebSocket that sends every message back: the target of conformance suites and of load without the protocol.
final class EchoTransport: WebSocketTransport {
    override func connected() {
        context.plainSockets[ObjectIdentifier(self)] = self
        connection?.setPatient(false)
    }

    override func closed(_ reason: ConnectionCloseReason) {
        super.closed(reason)
        context.plainSockets[ObjectIdentifier(self)] = nil
    }

    override func inputAvailable() {
        while let message = nextMessage() {
            let opcode: Opcode =
                switch message {
                case .inPlace(.text, _), .assembled(.text, _): .text
                default: .binary
                }
            withBytes(of: message) { send(opcode, $0) }
        }
    }
}
