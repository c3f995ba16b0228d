import EventLoop
import SocketProtocol
import StrictJSON
import Synchronization

/// An RPC that waits for an answer, as ``AGServerSocket/procedure(_:)`` hands it out.
///
/// Answer once, from any thread. A second answer is not sent; the socket reports an `InvalidActionError`. An answer after
/// the socket has closed goes nowhere.
public final class AGRequest: Sendable {
    /// The event's name.
    public let event: String
    /// The data sent along; nil if there was none.
    public let data: JSONText?
    private let cid: [UInt8]
    /// The socket that asks.
    public let socket: AGServerSocket
    private let answered = Atomic(false)

    /// On the socket's loop.
    init(event: String, data: JSONText?, cid: [UInt8], socket: AGServerSocket) {
        self.event = event
        self.data = data
        self.cid = cid
        self.socket = socket
        socket.enter(Self.opened)
    }

    deinit {
        // Nobody will answer any more.
        guard !answered.load(ordering: .relaxed) else { return }
        socket.context.loop.execute { [socket] in socket.enter(Self.closed) }
    }

    private static let opened = AGServerSocket.EntryPoint { $0.requestOpened() }
    private static let closed = AGServerSocket.EntryPoint { $0.requestClosed() }

    /// `data` as a value; nil if there was none.
    public var value: JSONValue? {
        data.flatMap { try? $0.value() }
    }

    /// Answers without data: `{"rid":n}`.
    public func end() {
        respond { $0.sendResponse(cid: $1.rawBytes) }
    }

    /// Answers with JSON that is ready.
    public func end(_ text: JSONText) {
        respond { $0.sendResponse(cid: $1.rawBytes, data: text.bytes.rawBytes) }
    }

    /// Answers with a value.
    public func end(_ value: JSONValue) {
        end(JSONText(value))
    }

    /// Answers with an error: `{"rid":n,"error":…}`.
    public func error(_ error: AGError) {
        respond { $0.sendErrorResponse(cid: $1.rawBytes, error: error) }
    }

    private func respond(_ send: @escaping @Sendable (SocketTransport, [UInt8]) -> Void) {
        guard !answered.exchange(true, ordering: .relaxed) else {
            socket.reportSecondAnswer(to: event)
            return
        }
        let socket = socket
        if socket.context.loop.isInEventLoop {
            send(socket.transport, cid)
            socket.enter(Self.closed)
        } else {
            socket.context.loop.execute { [socket, cid] in
                send(socket.transport, cid)
                socket.enter(Self.closed)
            }
        }
    }
}
