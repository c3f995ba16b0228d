import EventLoop
import SocketProtocol
import StrictJSON
import WebSocket

/// The WebSocket under an ``AGServerSocket``: brings its loop's callbacks into the actor and writes its answers.
final class SocketTransport: WebSocketTransport, @unchecked Sendable {
    /// The socket, until the connection has closed.
    @safe @exclusivity(unchecked) var socket: AGServerSocket?
    /// The socket's place in the ``SocketSet`` that it is in.
    @safe @exclusivity(unchecked) var place = Int.max

    /// Whether the peer has said something after its handshake; its input goes before that of newcomers then.
    @safe @exclusivity(unchecked) private(set) var isProven = false

    private static let drain = AGServerSocket.EntryPoint { $0.drainInput() }

    func prove() {
        isProven = true
        connection?.setPatient(false)
    }

    override func inputAvailable() {
        socket?.enter(Self.drain)
    }

    override func ended(code: UInt16, reason: String) {
        socket?.assumeIsolated { $0.transportEnded(code: code, reason: reason) }
    }

    override func closed(_ reason: ConnectionCloseReason) {
        super.closed(reason)
        socket = nil
    }

    override func timerFired(_ tag: UInt32) {
        guard tag >= Self.firstSubclassTimerTag else { return super.timerFired(tag) }
        socket?.assumeIsolated { $0.timerFired(tag) }
    }

    // MARK: Answers

    /// `{"rid":cid,"data":data}`
    func sendResponse(cid: RawSpan, data: RawSpan? = nil) {
        let length = PacketWriter.responseLength(rid: cid, data: data)
        unsafe send(.text, length: length) { output in
            _ = unsafe PacketWriter.writeResponse(rid: cid, data: data, into: output)
        }
    }

    /// `{"rid":cid,"error":error}`
    func sendErrorResponse(cid: RawSpan, error: AGError) {
        send(.text, PacketWriter.errorResponse(rid: cid, error: error).rawBytes)
    }
}
