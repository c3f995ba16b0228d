import EventLoop
import JSONWebToken
import Logging
import SocketProtocol
import StrictJSON
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Called on the socket's event loop when its handshake has been accepted, before anything the client sent behind it is
/// processed: the place to set a socket up without missing its first message. Must not block.
public typealias AGConnectionHandler = @Sendable (isolated AGServerSocket) -> Void

/// A SocketCluster-compatible server: it takes WebSocket connections, authenticates them by JSON Web Tokens, answers their
/// calls and carries their channels.
///
/// ```swift
/// let server = try AGServer(authKey: key)
/// server.procedure("echo") { _, request in request.endWithRequestData() }
/// let address = try await server.listen(host: "127.0.0.1", port: 8000)
/// for await connection in server.listener(.connection) {
///     print(connection.socket.id)
/// }
/// ```
///
/// The server lives, its loops running, until ``close(within:)`` is called.
public final class AGServer: Sendable {
    struct State: Sendable {
        var handlers = HandlerTable()
        var connectionHandlers: [AGConnectionHandler] = []
        var router = HTTPRouter()
        var contexts: [LoopContext] = []
        var group: EventLoopGroup?
        var listeners: [Listener] = []
        var keyRunner: KeySourceRunner?
    }

    /// Signs and verifies tokens outside a socket.
    public let auth: AGAuthEngine
    /// Publishes to channels and subscribes to them.
    public let exchange: AGExchange
    /// The options it was made with.
    public var options: AGServerOptions { settings.options }

    let settings: ServerSettings
    let keys: KeyStore
    let hub = ServerStreamHub()
    let counters = ServerCounters()
    let metrics: ServerMetrics
    let logger: Logger
    let state = Mutex(State())
    private let poolStorage = Mutex<VerificationPool?>(nil)

    /// A server with the default options and a secret.
    ///
    /// - Parameter authKey: the secret's text; its UTF-8 bytes are the key.
    public convenience init(authKey: String) throws(AGError) {
        try self.init(options: AGServerOptions(authKey: authKey))
    }

    /// A server that does not listen yet.
    ///
    /// - Parameters:
    ///   - options: see ``AGServerOptions``.
    ///   - logger: for warnings; nothing secret is logged.
    /// - Throws: `InvalidOptionsError` naming the option that makes no sense.
    public convenience init(
        options: AGServerOptions = AGServerOptions(),
        logger: Logger = Logger(label: "asyngular")
    ) throws(AGError) {
        try self.init(options: options, logger: logger, trace: nil)
    }

    init(
        options: AGServerOptions,
        logger: Logger,
        trace: (@Sendable (String, String) -> Void)?
    ) throws(AGError) {
        try options.validate()
        self.logger = logger
        settings = ServerSettings(options, trace: trace)
        metrics = ServerMetrics(options.metrics)
        keys = KeyStore(try ServerKeys.make(from: options), source: options.authKeySource)
        auth = AGAuthEngine(policy: settings.policy, revocationLimit: options.authRevocationLimit)
        exchange = AGExchange(
            loops: options.loops,
            streamBufferLimit: options.streamBufferLimit,
            bridge: options.exchangeBridge
        )
        auth.state.withLock { $0.server = self }
        if keys.signature?.isWeak == true {
            logger.warning(
                "The secret that signs tokens is shorter than RFC 7518 asks for",
                metadata: ["minimumBytes": "32"]
            )
        }
    }

    // MARK: Keys

    /// Signs tokens; nil if this server only verifies. May be changed while the server runs, without a check; set
    /// ``verificationKey`` to fit, or better both at once by ``replaceKeys(_:)``.
    public var signatureKey: SigningKey? {
        get { keys.signature }
        set { keys.signature = newValue }
    }

    /// Verifies tokens. May be changed while the server runs, without a check: the next token is judged by the new keys.
    public var verificationKey: KeySet {
        get { keys.verification }
        set { keys.verification = newValue }
    }

    /// Replaces the keys at once: the next token is signed or judged by the new ones. Established sockets notice nothing.
    ///
    /// - Throws: `InvalidArgumentsError` if there is no key, if a key does not fit ``AGServerOptions/authAlgorithm`` or
    ///   ``AGServerOptions/authVerifyAlgorithms``, or if the verification keys do not accept what the signing key signs. The
    ///   keys in force stay then.
    public func replaceKeys(_ ring: AGKeyRing) throws(AGError) {
        if let problem = install(ring) { throw .invalidArguments("The keys are not used: \(problem)") }
    }

    /// Replaces the keys at once; see ``replaceKeys(_:)``.
    public func replaceKeys(signature: SigningKey?, verification: [VerificationKey]) throws(AGError) {
        try replaceKeys(AGKeyRing(signature: signature, verification: verification))
    }

    /// - Returns: why the keys are not used.
    func install(_ ring: AGKeyRing) -> String? {
        if let problem = ServerKeys.problem(with: ring, settings.options) { return problem }
        keys.update { $0 = ring }
        return nil
    }

    // MARK: Handlers and streams

    /// Handles an RPC on every socket, synchronously on its event loop. See ``AGProcedureHandler``.
    ///
    /// A stream made by ``AGServerSocket/procedure(_:)`` for the same name takes precedence on its socket.
    public func procedure(_ name: String, _ handler: @escaping AGProcedureHandler) {
        register { $0.procedures[name] = handler }
    }

    /// Handles a transmitted event on every socket, synchronously on its event loop. See ``AGReceiverHandler``.
    public func receiver(_ name: String, _ handler: @escaping AGReceiverHandler) {
        register { $0.receivers[name] = handler }
    }

    /// Sets each socket up as soon as its handshake has been accepted. See ``AGConnectionHandler``.
    public func onConnection(_ handler: @escaping AGConnectionHandler) {
        let handlers = state.withLock { state in
            state.connectionHandlers.append(handler)
            return state.connectionHandlers
        }
        onEveryLoop { $0.connectionHandlers = handlers }
    }

    private func register(_ change: (inout HandlerTable) -> Void) {
        let handlers = state.withLock { state in
            change(&state.handlers)
            return state.handlers
        }
        onEveryLoop { $0.handlers = handlers }
    }

    /// Runs a closure on each loop, in its next turn. Loops that are started later take what they need from the state.
    func onEveryLoop(_ body: @escaping @Sendable (LoopContext) -> Void) {
        for context in state.withLock({ $0.contexts }) { context.loop.execute { body(context) } }
    }

    /// A stream of the server's events of one kind.
    public func listener<Payload>(_ event: AGServerEvent<Payload>) -> AGStream<Payload> {
        hub.events(event.id.rawValue, as: Payload.self, bufferLimit: settings.options.streamBufferLimit)
    }

    func emit<Payload: Sendable>(_ event: AGServerEvent<Payload>, _ payload: @autoclosure () -> Payload) {
        settings.trace?("", "\(event.id)")
        hub.emit(event.id.rawValue, payload())
    }

    // MARK: What is there

    /// Sockets whose handshake was accepted.
    public var clientsCount: Int { counters.clients.load(ordering: .relaxed) }
    /// Sockets that have not completed their handshake.
    public var pendingClientsCount: Int { counters.pending.load(ordering: .relaxed) }

    var pool: VerificationPool? { poolStorage.withLock { $0 } }

    /// Starts the pool unless tokens are never verified on it: the keys may be changed for others while the server runs.
    func startPool(loops: Int) {
        let options = settings.options
        guard options.authScheduling != .inline else { return }
        let threads = options.authPoolThreads ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) - 1)
        let pool = VerificationPool(
            workers: threads,
            loops: loops,
            keys: keys,
            policy: settings.policy,
            metrics: metrics
        )
        poolStorage.withLock { $0 = pool }
    }

    func stopPool() async {
        let pool = poolStorage.withLock { pool in
            defer { pool = nil }
            return pool
        }
        await pool?.shutdown()
    }
}
