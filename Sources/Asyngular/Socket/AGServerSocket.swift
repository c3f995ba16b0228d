import EventLoop
import JSONWebToken
import SocketProtocol
import StrictJSON
import WebSocket

/// One client's connection, as the server sees it (upstream's `AGServerSocket`).
///
/// An actor on its connection's event loop: frames enter it synchronously, calls from elsewhere hop to that loop. A
/// handler that runs on the loop already (``AGProcedureHandler``) is given the socket isolated and calls it without
/// `await`.
public actor AGServerSocket {
    /// The context of the loop that the connection lives on.
    nonisolated let context: LoopContext
    nonisolated let transport: SocketTransport
    nonisolated let socketID: SocketID
    nonisolated let hub = StreamHub()

    /// The upgrade request: URL, headers and cookies.
    public nonisolated let request: HTTPRequestHead

    /// Connecting until the handshake is accepted, then open, then closed.
    public internal(set) var state = AGSocketState.connecting
    /// Whether the peer has proved who it is.
    public internal(set) var authState = AGAuthState.unauthenticated
    /// The claims of the token in force; nil while unauthenticated.
    public internal(set) var authToken: AGAuthToken? {
        didSet {
            authExpiry = authToken?.expiresAt.map { $0 * 1000 } ?? .infinity
            isRefreshing = false
            armAuthTimer()
        }
    }
    /// The token in force as it was signed. A secret: do not log it.
    public internal(set) var signedAuthToken: String?

    /// When the token in force expires, milliseconds since 1970; looked at with every message. Minus infinity when a timer
    /// found that it has, which the filter of the peer's next message is told.
    var authExpiry = Double.infinity
    /// The `exp` of the token that a timer took away.
    var expiredClaim = 0.0
    /// When the token in force is to be renewed, milliseconds since 1970.
    var authRefreshDue = Double.infinity
    /// Whether the token in force is being, or has been, renewed.
    var isRefreshing = false
    /// What waits for the verification pool.
    var verifying: PendingVerification?
    /// Who the upgrade request said the peer is, until the handshake.
    var upgradeIdentity: UpgradeIdentity?
    /// Packets of a batch that wait until verification is done, and the bytes they point into.
    var heldPackets: HeldPackets?
    /// Requests that came before anybody asked for them; see ``EarlyPackets``.
    var early: EarlyPackets?
    /// What is counted if the handshake is not accepted.
    var handshakeOutcome = ServerMetrics.HandshakeOutcome.aborted
    /// Calls of ours that wait for the client's answer, made with the first call.
    var calls: CallTable?
    /// Events that go out at the end of the turn, behind its answers (contract §6).
    var outbox: [[UInt8]] = []
    /// Requests that a task has and has not answered.
    var openRequests: UInt32 = 0
    /// Tokens for the client that wait for the answers to those; see ``holdToken(_:)``.
    var heldTokens: [[UInt8]] = []
    /// Channel entry and this socket's place in it.
    var subscriptions: [ObjectIdentifier: Subscription] = [:]
    /// Counts the tokens set; a signature that finishes late finds it changed.
    var tokenTicket: UInt32 = 0

    var lastPong: UInt64 = 0
    var pingTimer = TimerID.none
    var pongTimer = TimerID.none
    var handshakeTimer = TimerID.none
    var authTimer = TimerID.none

    init(context: LoopContext, transport: SocketTransport, request: HTTPRequestHead) {
        self.context = context
        self.transport = transport
        self.request = request
        socketID = context.makeSocketID()
    }

    /// The loop that the connection lives on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe context.loop.asUnownedSerialExecutor()
    }

    /// The id told to the client: 20 characters of URL-safe base64.
    public nonisolated var id: String { socketID.description }

    /// The server it belongs to.
    public nonisolated var server: AGServer { context.server }

    /// The exchange of the server.
    public nonisolated var exchange: AGExchange { context.server.exchange }

    /// The peer's address; nil once the connection has gone.
    public var remoteAddress: SocketAddress? { transport.connection?.remoteAddress() }

    /// Bytes accepted for this client and not yet taken by its kernel, counting every layer.
    public var bufferedBytes: Int { transport.connection?.bufferedBytes ?? 0 }

    nonisolated var settings: ServerSettings { context.settings }

    // MARK: Streams

    /// A stream of this socket's events of one kind.
    public nonisolated func listener<Payload>(_ event: AGSocketEvent<Payload>) -> AGStream<Payload> {
        hub.events(event.id.rawValue, as: Payload.self, bufferLimit: settings.options.streamBufferLimit)
    }

    /// A stream of the RPCs of one name. Every stream of a name gets every request; answer it once.
    public nonisolated func procedure(_ name: String) -> AGStream<AGRequest> {
        let stream = hub.procedure(name, bufferLimit: settings.options.streamBufferLimit)
        claimEarlyPackets()
        return stream
    }

    /// A stream of the transmitted events of one name.
    public nonisolated func receiver(_ name: String) -> AGStream<AGTransmission> {
        let stream = hub.receiver(name, bufferLimit: settings.options.streamBufferLimit)
        claimEarlyPackets()
        return stream
    }

    // MARK: The beginning

    /// The WebSocket is open: the clocks start (contract §3, §4).
    func begin() {
        let options = settings.options
        lastPong = context.loop.nowMilliseconds
        if !options.pingTimeoutDisabled {
            pingTimer = schedule(.ping, after: options.pingInterval)
            pongTimer = schedule(.pong, after: options.pingTimeout)
        }
        handshakeTimer = schedule(.handshake, after: options.handshakeTimeout)
        context.pending(self)
    }
}
