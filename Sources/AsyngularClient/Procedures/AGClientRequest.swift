import EventLoop
import SocketProtocol
import StrictJSON
import Synchronization

/// An RPC of the server that waits for an answer, as ``AGClientSocket/procedure(_:)`` hands it out.
///
/// Answer once, from any thread. A second answer is not sent; the client reports an `InvalidActionError`. An answer after the connection has
/// ended goes nowhere.
public final class AGClientRequest: Sendable {
    /// The event's name.
    public let event: String
    /// The data sent along; nil if there was none.
    public let data: JSONText?
    private let cid: [UInt8]
    private let attempt: UInt32
    private let core: ClientCore
    private let isAnswered = Atomic(false)

    init(event: String, data: JSONText?, cid: [UInt8], attempt: UInt32, core: ClientCore) {
        self.event = event
        self.data = data
        self.cid = cid
        self.attempt = attempt
        self.core = core
    }

    /// `data` as a value; nil if there was none.
    public var value: JSONValue? {
        data.flatMap { try? $0.value() }
    }

    /// Answers without data: `{"rid":n}`.
    public func end() {
        respond(.success(nil))
    }

    /// Answers with JSON that is ready.
    public func end(_ text: JSONText) {
        respond(.success(text))
    }

    /// Answers with a value.
    public func end(_ value: JSONValue) {
        respond(.success(JSONText(value)))
    }

    /// Answers with an error: `{"rid":n,"error":…}`.
    public func error(_ error: AGError) {
        respond(.failure(error))
    }

    private func respond(_ result: Result<JSONText?, AGError>) {
        let isFirst = !isAnswered.exchange(true, ordering: .relaxed)
        let (attempt, cid, event) = (attempt, cid, event)
        core.enter { core in
            guard isFirst else {
                let text = "Response to request \(event) has already been sent"
                return core.emit(.error(.invalidAction(text)))
            }
            core.perform { $0.respond(attempt, cid: cid, result, &$1) }
        }
    }
}

extension ClientCore {
    /// Runs on the loop: at once if this is it.
    func enter(_ body: @escaping @Sendable (ClientCore) -> Void) {
        if loop.isInEventLoop {
            body(self)
        } else {
            loop.execute { body(self) }
        }
    }
}
