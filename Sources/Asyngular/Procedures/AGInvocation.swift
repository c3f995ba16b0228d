import SocketProtocol
import StrictJSON

/// An RPC in the hands of a synchronous handler: it lies in the receive buffer, and answering writes straight into the
/// connection's output. Neither copies nor allocates.
///
/// Valid only while the handler runs. A handler that needs to answer later takes ``deferred()``. A handler that returns
/// without answering leaves the caller to its timeout, as upstream does.
@safe
public struct AGInvocation: ~Copyable {
    /// The event's name as it stands in the packet, unescaped only when asked for.
    private let name: UnsafeRawBufferPointer
    private let nameHasEscapes: Bool
    private let payload: UnsafeRawBufferPointer?
    private let cid: UnsafeRawBufferPointer
    /// The socket that asks.
    public let socket: AGServerSocket
    /// Whether an answer was given.
    public private(set) var isAnswered = false

    init(
        name: UnsafeRawBufferPointer,
        nameHasEscapes: Bool,
        payload: UnsafeRawBufferPointer?,
        cid: UnsafeRawBufferPointer,
        socket: AGServerSocket
    ) {
        unsafe self.name = name
        self.nameHasEscapes = nameHasEscapes
        unsafe self.payload = payload
        unsafe self.cid = cid
        self.socket = socket
    }

    /// The event's name.
    public var event: String {
        let name = unsafe RawSpan(_unsafeBytes: name)
        return nameHasEscapes ? JSONScanner.unescape(name) : Bytes.string(name)
    }

    /// The raw bytes of `data`, valid JSON; nil if the packet has none.
    public var data: RawSpan? {
        @_lifetime(borrow self)
        get {
            guard let payload = unsafe payload else { return nil }
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: payload), borrowing: self)
        }
    }

    /// A copy of `data`; nil if the packet has none.
    public var text: JSONText? {
        unsafe payload.map { unsafe JSONText(unchecked: Array($0)) }
    }

    /// `data` as a value; nil if the packet has none.
    public var value: JSONValue? {
        text.flatMap { try? $0.value() }
    }

    /// Answers without data: `{"rid":n}`.
    public mutating func end() {
        guard claim() else { return }
        unsafe socket.transport.sendResponse(cid: RawSpan(_unsafeBytes: cid))
    }

    /// Answers with the request's own data, as `echo` does.
    public mutating func endWithRequestData() {
        guard claim() else { return }
        socket.transport.sendResponse(cid: unsafe RawSpan(_unsafeBytes: cid), data: data)
    }

    /// Answers with JSON that is ready.
    ///
    /// - Parameter json: valid JSON; not checked.
    public mutating func end(json: RawSpan) {
        guard claim() else { return }
        socket.transport.sendResponse(cid: unsafe RawSpan(_unsafeBytes: cid), data: json)
    }

    /// Answers with JSON that is ready.
    public mutating func end(_ text: JSONText) {
        end(json: text.bytes.rawBytes)
    }

    /// Answers with a value.
    public mutating func end(_ value: JSONValue) {
        end(json: value.serialized().rawBytes)
    }

    /// Answers with an error: `{"rid":n,"error":…}`.
    public mutating func error(_ error: AGError) {
        guard claim() else { return }
        socket.transport.sendErrorResponse(cid: unsafe RawSpan(_unsafeBytes: cid), error: error)
    }

    /// A copy that can be kept and answered later, from anywhere. This invocation counts as answered.
    public mutating func deferred() -> AGRequest? {
        guard claim() else { return nil }
        return unsafe AGRequest(event: event, data: text, cid: CallID(RawSpan(_unsafeBytes: cid)), socket: socket)
    }

    private mutating func claim() -> Bool {
        guard !isAnswered else {
            socket.reportSecondAnswer(to: event)
            return false
        }
        isAnswered = true
        return true
    }
}

/// A synchronous handler of a procedure. It runs on the socket's event loop and must not block. What it throws is the
/// answer.
public typealias AGProcedureHandler = @Sendable (isolated AGServerSocket, inout AGInvocation) throws -> Void

/// A synchronous handler of a transmitted event. It runs on the socket's event loop and must not block.
public typealias AGReceiverHandler = @Sendable (isolated AGServerSocket, borrowing AGTransmission) -> Void
