import EventLoop
import JSONWebToken
import SocketProtocol
import StrictJSON
import Synchronization
import WebSocket

/// One client's connection, as the server sees it (upstream's `AGServerSocket`).
///
/// An actor on its connection's event loop: frames enter it synchronously, calls from elsewhere hop to that loop. A
/// handler that runs on the loop already (``AGProcedureHandler``) is given the socket isolated and calls it without
/// `await`.
public actor AGServerSocket: Placed {
    nonisolated let transport: SocketTransport
    nonisolated let socketID: SocketID
    /// Made with the first stream; see ``hub``.
    private nonisolated let lazyHub = LazyReference<ServerStreamHub>()
    private nonisolated let packedRequest: PackedRequestHead

    /// Connecting until the handshake is accepted, then open, then closed.
    @safe @exclusivity(unchecked) public internal(set) var state = AGSocketState.connecting
    /// Whether the peer has proved who it is.
    @safe @exclusivity(unchecked) public internal(set) var authState = AGAuthState.unauthenticated
    /// Whether the peer is still to send its handshake.
    @safe @exclusivity(unchecked) var awaitsHandshake = false
    /// Whether the token in force is being, or has been, renewed.
    @safe @exclusivity(unchecked) var isRefreshing = false
    /// What is counted if the handshake is not accepted.
    @safe @exclusivity(unchecked) var handshakeOutcome = ServerMetrics.HandshakeOutcome.aborted
    /// Whether the clock found the token expired, which the filter of the peer's next message is told.
    @safe @exclusivity(unchecked) var hasClockFoundExpiry = false
    /// Counts the tokens set; a signature that finishes late finds it changed.
    @safe @exclusivity(unchecked) var tokenTicket: UInt32 = 0
    /// Requests that a task has and has not answered.
    @safe @exclusivity(unchecked) var openRequests: UInt32 = 0
    // Loop time in milliseconds, of which 32 bits tell moments apart that are less than 49 days away.
    @safe @exclusivity(unchecked) var lastPongBits: UInt32 = 0
    @safe @exclusivity(unchecked) var handshakeDueBits: UInt32 = 0
    /// The claims of the token in force; nil while unauthenticated.
    @safe @exclusivity(unchecked) public internal(set) var authToken: AGAuthToken? {
        didSet {
            hasClockFoundExpiry = false
            isRefreshing = false
            identityChanged()
        }
    }
    /// Loop time in milliseconds; `UInt64.max` for never.
    @safe @exclusivity(unchecked) var pingDue = UInt64.max
    /// The one timer for what comes first of these, the token's expiry and its renewal.
    @safe @exclusivity(unchecked) var clock = TimerID.none

    /// Channel entry and this socket's place in it.
    @safe @exclusivity(unchecked) var subscriptions: [ObjectIdentifier: Subscription] = [:]
    /// What most sockets do without.
    @safe @exclusivity(unchecked) var extras: SocketExtras?

    init(context: LoopContext, transport: SocketTransport, request: HTTPRequestHead) {
        self.transport = transport
        packedRequest = PackedRequestHead(request)
        socketID = context.makeSocketID()
    }

    /// The context of the loop that the connection lives on.
    nonisolated var context: LoopContext { _read { yield transport.context } }

    /// The upgrade request: URL, headers and cookies. Kept packed and read anew each time it is asked for, which takes a
    /// microsecond or two: keep what you need of it.
    public nonisolated var request: HTTPRequestHead { packedRequest.head }

    /// The token in force as it was signed. A secret: do not log it.
    public var signedAuthToken: String? { authToken?.signedText }

    /// The loop that the connection lives on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe context.loop.asUnownedSerialExecutor()
    }

    /// Runs tasks on the loop that the connection lives on, as a preference:
    ///
    /// ```swift
    /// Task(executorPreference: socket.taskExecutor) {
    ///     for await request in socket.procedure("echo") { request.end() }
    /// }
    /// ```
    ///
    /// A stream's reader is then woken by one job of the loop. Without it the concurrency runtime resumes the task on a thread
    /// of the process, also one that is isolated to the socket, and each request goes to another thread and back.
    public nonisolated var taskExecutor: EventLoopTaskExecutor { context.loop.taskExecutor }

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

    /// Kept with the transport, which is confined to the loop.
    nonisolated var place: Int {
        get { transport.place }
        set { transport.place = newValue }
    }

    // MARK: Streams

    /// This socket's streams; nil while there never was one.
    nonisolated var hub: ServerStreamHub? { lazyHub.current }

    private nonisolated func makeHub() -> ServerStreamHub { hub ?? lazyHub.storeIfNil(ServerStreamHub()) }

    /// Ends every stream, now and later.
    nonisolated func finishStreams() {
        let hub = hub ?? lazyHub.storeIfNil(EndedStreams.hub)
        if hub !== EndedStreams.hub { hub.finish() }
    }

    /// A stream of this socket's events of one kind.
    public nonisolated func listener<Payload>(_ event: AGSocketEvent<Payload>) -> AGStream<Payload> {
        makeHub().events(event.id.rawValue, as: Payload.self, bufferLimit: settings.options.streamBufferLimit)
    }

    /// A stream of the RPCs of one name. Every stream of a name gets every request; answer it once.
    public nonisolated func procedure(_ name: String) -> AGStream<AGRequest> {
        let stream = makeHub().procedure(name, bufferLimit: settings.options.streamBufferLimit)
        claimEarlyPackets()
        return stream
    }

    /// A stream of the transmitted events of one name.
    public nonisolated func receiver(_ name: String) -> AGStream<AGTransmission> {
        let stream = makeHub().receiver(name, bufferLimit: settings.options.streamBufferLimit)
        claimEarlyPackets()
        return stream
    }

    // MARK: The beginning

    /// The WebSocket is open: the clocks start (contract §3, §4).
    func begin() {
        startClock()
        context.pending(self)
    }
}
