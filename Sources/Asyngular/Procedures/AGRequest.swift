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
    private let cid: CallID
    /// The socket that asks.
    public let socket: AGServerSocket
    private let answered = Atomic(false)

    /// On the socket's loop.
    init(event: String, data: JSONText?, cid: CallID, socket: AGServerSocket) {
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
        respond(.empty)
    }

    /// Answers with JSON that is ready.
    public func end(_ text: JSONText) {
        respond(.data(text))
    }

    /// Answers with a value.
    public func end(_ value: JSONValue) {
        end(JSONText(value))
    }

    /// Answers with an error: `{"rid":n,"error":…}`.
    public func error(_ error: AGError) {
        respond(.error(error))
    }

    private enum Answer {
        case empty
        case data(JSONText)
        case error(AGError)
    }

    /// At once on the loop, where it allocates nothing; else in one of its jobs.
    private func respond(_ answer: Answer) {
        guard !answered.exchange(true, ordering: .relaxed) else {
            socket.reportSecondAnswer(to: event)
            return
        }
        if socket.context.loop.isInEventLoop {
            send(answer)
        } else {
            socket.context.loop.execute { self.send(answer) }
        }
    }

    private func send(_ answer: Answer) {
        let transport = socket.transport
        cid.withBytes { cid in
            switch answer {
            case .empty: transport.sendResponse(cid: cid)
            case .data(let text): transport.sendResponse(cid: cid, data: text.bytes.rawBytes)
            case .error(let error): transport.sendErrorResponse(cid: cid, error: error)
            }
        }
        socket.enter(Self.closed)
    }
}
