import EventLoop
import SocketProtocol
import StrictJSON
import WebSocket

/// The WebSocket under an ``AGServerSocket``: brings its loop's callbacks into the actor and writes its answers.
final class SocketTransport: WebSocketTransport, @unchecked Sendable {
    /// Whether the peer has said something after its handshake; its input goes before that of newcomers then. First, where
    /// the superclass leaves a gap.
    @safe @exclusivity(unchecked) private(set) var isProven = false
    /// The socket, until the connection has closed.
    @safe @exclusivity(unchecked) var socket: AGServerSocket?
    /// The socket's place in the ``PlacedSet`` that it is in.
    @safe @exclusivity(unchecked) var place = Int.max

    private static let start = AGServerSocket.EntryPoint { $0.begin() }
    private static let drain = AGServerSocket.EntryPoint { $0.drainInput() }
    private static let end = AGServerSocket.EndPoint { $0.transportEnded(code: $1, reason: $2) }

    /// The WebSocket is open.
    func begin() {
        socket?.enter(Self.start)
    }

    func prove() {
        isProven = true
        connection?.setPatient(false)
    }

    override func inputAvailable() {
        socket?.enter(Self.drain)
    }

    override func ended(code: UInt16, reason: String) {
        socket?.enter(Self.end, code: code, reason: reason)
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

    /// The answer to a `#handshake` that was accepted.
    func sendHandshakeResponse(cid: RawSpan, id: SocketID, pingTimeout: Int, isAuthenticated: Bool) {
        id.withJSON { id in
            let length = PacketWriter.handshakeResponseLength(
                rid: cid,
                id: id,
                pingTimeout: pingTimeout,
                isAuthenticated: isAuthenticated
            )
            unsafe send(.text, length: length) { output in
                _ = unsafe PacketWriter.writeHandshakeResponse(
                    rid: cid,
                    id: id,
                    pingTimeout: pingTimeout,
                    isAuthenticated: isAuthenticated,
                    into: output
                )
            }
        }
    }

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
