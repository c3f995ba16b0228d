import CoreMetrics
import EventLoop
import JSONWebToken
import Logging
import SocketProtocol
import StrictJSON
import Synchronization
import WebSocket

/// Everything of the server that lives on one event loop, so that sockets of that loop share it without a lock.
///
/// Confined to its loop, except for what is `let` and Sendable.
final class LoopContext: @unchecked Sendable {
    let server: AGServer
    let loop: EventLoop
    let index: Int
    let settings: ServerSettings
    let logger: Logger
    let scanner: PacketScanner
    private(set) var exchange: LoopExchange!
    /// How tokens are verified.
    let verification: LoopVerification
    @safe @exclusivity(unchecked) var handlers: HandlerTable
    var connectionHandlers: [AGConnectionHandler]
    /// When and how tokens are renewed.
    var authRefresh: AuthRefresh?
    /// Tokens of this loop that a custom engine or a key set in the fetching is waited for.
    var awaitedVerifications = 0

    /// Sockets before and after their handshake.
    @safe @exclusivity(unchecked) private(set) var pendingSockets = PlacedSet<AGServerSocket>()
    @safe @exclusivity(unchecked) private(set) var openSockets = PlacedSet<AGServerSocket>()
    /// Connections that still speak HTTP.
    @safe @exclusivity(unchecked) var httpConnections = PlacedSet<HTTPHandler>()
    var router = HTTPRouter()
    /// Handlers of routes that have not ended.
    var runningRequests = 0
    /// Raw WebSockets without the protocol.
    var plainSockets: [ObjectIdentifier: EchoTransport] = [:]
    var isDraining = false
    /// What a WebSocket of this loop is taking up.
    @safe @exclusivity(unchecked) var input = unsafe InputWindow(UnsafeMutableRawBufferPointer(start: nil, count: 0))

    /// Parses it. Between messages it knows nothing of a connection, so one serves them all: whoever takes up input within a message
    /// brings the parser that knows its beginning; see ``PendingInput``.
    @safe @exclusivity(unchecked) var parser: WebSocketParser

    let acceptHasher = AcceptHasher()
    @safe @exclusivity(unchecked) private var ids = SocketID.Generator()
    @safe @exclusivity(unchecked) private var packets: [Packet] = []
    private let signer = TokenSigner()
    private var flushing: [AGServerSocket] = []
    private var spareExtras: [SocketExtras] = []
    private var isTurnEndScheduled = false
    /// The logger's level, and the loop time at which it was read.
    @safe @exclusivity(unchecked) private var logLevel: (level: Logger.Level, readAt: UInt64)
    /// Time of day minus loop time, and the loop time at which it was taken.
    @safe @exclusivity(unchecked) private var wallOffset: (offset: Int64, takenAt: UInt64)?

    init(
        server: AGServer,
        loop: EventLoop,
        index: Int,
        handlers: HandlerTable,
        connectionHandlers: [AGConnectionHandler]
    ) {
        self.server = server
        self.loop = loop
        self.index = index
        self.handlers = handlers
        self.connectionHandlers = connectionHandlers
        authRefresh = server.auth.state.withLock { $0.refresh }
        settings = server.settings
        logger = server.logger
        logLevel = (logger.logLevel, 0)
        parser = WebSocketParser(role: .server, limits: server.settings.parserLimits)
        verification = LoopVerification(server: server, loop: loop, index: index)
        scanner = PacketScanner(maximumDepth: server.settings.options.maximumJSONDepth)
        exchange = LoopExchange(context: self)
    }

    func makeSocketID() -> SocketID { ids.make() }

    // MARK: The sockets of this loop

    func pending(_ socket: AGServerSocket) {
        pendingSockets.insert(socket)
        server.counters.pending.add(1, ordering: .relaxed)
    }

    func opened(_ socket: AGServerSocket) {
        guard pendingSockets.remove(socket) else { return }
        openSockets.insert(socket)
        server.counters.pending.subtract(1, ordering: .relaxed)
        server.counters.clients.add(1, ordering: .relaxed)
        server.metrics.connections.increment()
    }

    func closed(_ socket: AGServerSocket) {
        if pendingSockets.remove(socket) {
            server.counters.pending.subtract(1, ordering: .relaxed)
        } else if openSockets.remove(socket) {
            server.counters.clients.subtract(1, ordering: .relaxed)
            server.metrics.connections.decrement()
        }
    }

    /// Closes everything on this loop for shutdown.
    func drain(_ code: CloseCode) {
        isDraining = true
        for socket in pendingSockets.values + openSockets.values {
            socket.assumeIsolated { $0.disconnect(code) }
        }
        for transport in Array(plainSockets.values) { transport.close(code: code.rawValue) }
        for handler in httpConnections.values { handler.drain() }
        verification.stop()
    }

    // MARK: Scratch space

    /// A socket's extras, empty.
    func takeExtras() -> SocketExtras { spareExtras.popLast() ?? SocketExtras() }

    /// Takes them back, emptied. Sockets that send events need them for one turn each time.
    func returnExtras(_ extras: SocketExtras) {
        if spareExtras.count < 32 { spareExtras.append(extras) }
    }

    func takePackets() -> [Packet] {
        var taken: [Packet] = []
        swap(&taken, &packets)
        return taken
    }

    /// Takes the array back, emptied. By reference: a copy would not be the only one, and emptying it would allocate.
    func returnPackets(_ used: inout [Packet]) {
        used.removeAll(keepingCapacity: used.count <= 256)
        swap(&used, &packets)
    }

    // MARK: Tokens

    /// Signs with the server's defaults and reads the claims back, so that the socket holds what the client will present.
    func sign(
        _ payload: JSONObject,
        options: SigningOptions
    ) throws(SigningError) -> (String, AGAuthToken) {
        // Key and algorithm of one ring: another may be put into force meanwhile.
        let keys = server.keys.current
        guard let key = keys.signature else { throw .keyRequired }
        let signed = try signer.sign(
            payload,
            key: key,
            options: settings.signingOptions(options, for: payload, keys: keys),
            now: WallClock.seconds()
        )
        guard let token = AGAuthToken(reading: signed) else {
            throw SigningError("the signed token cannot be read back")
        }
        return (signed, token)
    }

    // MARK: The end of the turn

    func flushLater(_ socket: AGServerSocket) {
        flushing.append(socket)
        scheduleTurnEnd()
    }

    private func scheduleTurnEnd() {
        guard !isTurnEndScheduled else { return }
        isTurnEndScheduled = true
        loop.execute { self.turnEnded() }
    }

    private func turnEnded() {
        isTurnEndScheduled = false
        let sockets = flushing
        flushing.removeAll(keepingCapacity: true)
        for socket in sockets { socket.assumeIsolated { $0.flushOutbox() } }
    }

    // MARK: The log

    /// Whether the logger takes messages of a level. It is asked once a second, since asking copies its handler.
    func logs(_ level: Logger.Level) -> Bool {
        let now = loop.nowMilliseconds
        if now &- logLevel.readAt >= 1000 { logLevel = (logger.logLevel, now) }
        return logLevel.level <= level
    }

    // MARK: Time

    /// Milliseconds since 1970, from the loop's time; the clock itself is read once a second.
    func wallClock() -> Int64 {
        let now = loop.nowMilliseconds
        if let known = wallOffset, now &- known.takenAt < 1000 { return known.offset + Int64(now) }
        let wall = WallClock.milliseconds()
        wallOffset = (wall - Int64(now), now)
        return wall
    }
}
