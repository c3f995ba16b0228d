import AsyngularSupport
import EventLoop
import SocketProtocol
import StrictJSON

/// A client's connection to a SocketCluster server (upstream's `AGClientSocket`), made by ``AsyngularClient/create(_:on:)``.
///
/// It outlives its WebSockets: it connects, reconnects with the contract's delays, authenticates with the stored token, subscribes again, and
/// keeps what is sent while connecting. An actor on an event loop that it shares with many others; calls hop to that loop. When the last reference
/// is dropped the connection is closed. Streams do not count as references, channels do.
public actor AGClientSocket {
    nonisolated let core: ClientCore

    init(core: ClientCore) {
        self.core = core
    }

    deinit {
        core.loop.execute { [core] in core.shutDown() }
    }

    /// The loop that the client lives on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe core.loop.asUnownedSerialExecutor()
    }

    // MARK: State

    /// How far the connection has come.
    public var state: AGClientState { core.machine.state }

    /// The id that the server has given to this connection; nil unless it is open.
    public var id: String? { core.machine.id }

    /// Whether another attempt to connect is planned.
    public var pendingReconnect: Bool { core.machine.isReconnecting }

    /// The delay of the attempt that is planned, milliseconds; nil if none is.
    public var pendingReconnectTimeout: Int? {
        core.machine.isReconnecting ? Int(core.machine.reconnectDelay) : nil
    }

    /// Whether the server has accepted a token. Kept while the connection is lost: the next handshake decides.
    public var authState: AGClientAuthState { core.machine.authState }

    /// The token that the server has accepted, with its claims, which are not verified; nil while unauthenticated.
    public var authToken: AGClientAuthToken? { core.machine.authToken }

    /// The token as it was signed. A secret: do not log it.
    public var signedAuthToken: String? { core.machine.authToken?.signed }

    /// The options in force.
    public var options: AGClientOptions { core.machine.options }

    // MARK: Connecting (contract §13, §15)

    /// Connects, unless the connection is open or being opened. Does not wait for it: see ``AGClientEvent/connect``.
    public func connect() {
        core.perform { $0.connect(&$1) }
    }

    /// Connects with other options. A connection that is open, or being opened, is closed first.
    ///
    /// - Throws: `InvalidOptionsError` naming the first option that makes no sense; then nothing changes.
    public func connect(_ options: AGClientOptions) throws(AGError) {
        try options.validate()
        core.perform { $0.connect(with: ClientSettings(options), &$1) }
    }

    /// Closes the connection, or gives up connecting or reconnecting.
    ///
    /// - Parameters:
    ///   - code: the close code. After 1000, the default, and 4500 and above the client does not connect by itself; after any other it does.
    ///   - reason: at most 123 bytes are sent.
    public func disconnect(_ code: CloseCode = .normal, reason: String = "") {
        core.perform { $0.disconnect(code, reason: reason, &$1) }
    }

    /// Closes the connection and connects anew at once.
    public func reconnect(_ code: CloseCode = .normal, reason: String = "") {
        core.perform { $0.reconnect(code, reason: reason, &$1) }
    }

    // MARK: Streams

    /// A stream of this client's events of one kind.
    public nonisolated func listener<Payload>(_ event: AGClientEvent<Payload>) -> AGStream<Payload> {
        core.streams.events(event.id.rawValue, as: Payload.self, bufferLimit: core.streamBufferLimit)
    }

    /// A stream of the server's RPCs of one name. Every stream of a name gets every request; answer it once.
    public nonisolated func procedure(_ name: String) -> AGStream<AGClientRequest> {
        core.streams.procedure(name, bufferLimit: core.streamBufferLimit)
    }

    /// A stream of the server's transmitted events of one name.
    public nonisolated func receiver(_ name: String) -> AGStream<AGClientTransmission> {
        core.streams.receiver(name, bufferLimit: core.streamBufferLimit)
    }

    // MARK: Batches (contract §16)

    /// Holds back what is sent from now on, until ``flushBatch()``. Nothing is held back without a connection.
    public func startBatch() {
        core.perform { machine, _ in machine.startBatch() }
    }

    /// Sends what was held back, in one message; later packets go out at once.
    public func flushBatch() {
        core.perform { $0.flushBatch(&$1) }
    }

    /// Throws away what was held back.
    public func cancelBatch() {
        core.perform { machine, _ in machine.cancelBatch() }
    }

    /// Sends in batches, one each ``AGClientOptions/batchInterval``, also on later connections.
    public func startBatching() {
        core.perform { machine, _ in machine.startBatching() }
    }

    /// Sends what was held back and ends batching.
    public func stopBatching() {
        core.perform { $0.stopBatching(&$1) }
    }

    /// Throws away what was held back and ends batching.
    public func cancelBatching() {
        core.perform { machine, _ in machine.cancelBatching() }
    }
}
