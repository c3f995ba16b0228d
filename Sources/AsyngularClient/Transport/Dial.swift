import AsyngularSupport
public import EventLoop
import WebSocket

/// A WebSocket being opened. Confined to its loop; see ``Dialer``.
public final class Dial: TimerTarget, @unchecked Sendable {
    private static let deadlineTag: UInt32 = 1
    private static let attemptTag: UInt32 = 2

    let endpoint: ClientEndpoint
    let options: DialOptions
    let loop: EventLoop
    private let resolver: NameResolver
    private var makeWebSocket: ((EventLoop) -> ClientWebSocket)?
    private var failed: ((DialError) -> Void)?

    private var deadline = TimerID.none
    private var attemptTimer = TimerID.none
    private var addresses: [SocketAddress] = []
    private var race = ConnectionRace(count: 0)
    /// Connections being established, by the index of their address.
    private var attempts: [Int: Connection] = [:]
    private var lastFailure: EventLoopError?
    /// Has the connection that was established first, until the WebSocket has it.
    private var handler: DialHandler?
    private var isStarting = false

    init(
        _ endpoint: ClientEndpoint,
        _ options: DialOptions,
        _ loop: EventLoop,
        _ resolver: NameResolver,
        _ makeWebSocket: @escaping (EventLoop) -> ClientWebSocket,
        _ failed: @escaping (DialError) -> Void
    ) {
        self.endpoint = endpoint
        self.options = options
        self.loop = loop
        self.resolver = resolver
        self.makeWebSocket = makeWebSocket
        self.failed = failed
    }

    /// Whether nothing has come of it yet.
    public var isPending: Bool { failed != nil }

    /// Gives up: nothing comes of it any more. No effect once something has.
    public func cancel() {
        guard isPending else { return }
        settle()?.abort()
    }

    // MARK: Steps

    func start() {
        precondition(loop.isInEventLoop, "dialled outside of the event loop")
        deadline = loop.schedule(self, tag: Self.deadlineTag, afterMilliseconds: options.timeoutMilliseconds)
        guard deadline != .none else { return failLater(DialError(.shutDown, "The event loop was shut down")) }
        isStarting = true
        defer { isStarting = false }
        do throws(DialError) {
            handler = try DialHandler(self)
        } catch {
            return failLater(error)
        }
        if let path = endpoint.socketPath {
            addresses = [.unix(path: path)]
            // Connected at once, which is too soon within this call.
            loop.execute { [weak self] in self?.beginRace() }
            return
        }
        let (host, port) = options.proxy.map { ($0.host, $0.port) } ?? (endpoint.host, endpoint.port)
        if let known = Self.known(host, port) {
            addresses = known
            loop.execute { [weak self] in self?.beginRace() }
            return
        }
        // Weakly: a look-up may take longer than anybody waits.
        resolver.resolve(host, port: port) { [weak self, loop] answer in
            loop.execute { [weak self] in self?.resolved(answer) }
        }
    }

    /// What needs no look-up. `localhost` is this machine by definition (RFC 6761 §6.3).
    private static func known(_ host: String, _ port: UInt16) -> [SocketAddress]? {
        if let address = SystemNames.numeric(host, port: port) { return [address] }
        guard host.lowercased() == "localhost" else { return nil }
        return [.ip(host: "127.0.0.1", port: Int(port)), .ip(host: "::1", port: Int(port))]
    }

    private func resolved(_ answer: NameResolver.Answer) {
        guard isPending else { return }
        switch answer {
        case .success(let found):
            addresses = ConnectionRace.interleave(found, isFirstFamily: Self.isIPv6)
            beginRace()
        case .failure(let error): fail(error)
        }
    }

    private static func isIPv6(_ address: SocketAddress) -> Bool {
        guard case .ip(let host, _) = address else { return false }
        return host.utf8.contains(UInt8(ascii: ":"))
    }

    private func beginRace() {
        guard isPending else { return }
        race = ConnectionRace(count: addresses.count)
        perform(race.start())
    }

    private func perform(_ actions: [ConnectionRace.Action]) {
        for action in actions where isPending {
            switch action {
            case .attempt(let index): attempt(index)
            case .setTimer:
                loop.cancel(attemptTimer)
                let delay = options.attemptDelayMilliseconds
                attemptTimer = loop.schedule(self, tag: Self.attemptTag, afterMilliseconds: delay)
            case .abandon(let indices):
                loop.cancel(attemptTimer)
                for index in indices { attempts.removeValue(forKey: index)?.abort() }
            case .giveUp: fail(connectionFailure())
            }
        }
    }

    private func attempt(_ index: Int) {
        do throws(EventLoopError) {
            let connection = try loop.startConnecting(
                to: addresses[index],
                options: options.connection,
                makeHandler: { [self] _ in established(index) },
                failed: { [self] error in attemptFailed(index, error) }
            )
            // A Unix-domain socket is connected by now.
            if handler?.connection == nil, isPending { attempts[index] = connection }
        } catch {
            attemptFailed(index, error)
        }
    }

    private func attemptFailed(_ index: Int, _ error: EventLoopError) {
        guard isPending, !race.isOver else { return }
        attempts[index] = nil
        lastFailure = error
        perform(race.failed(index))
    }

    private func established(_ index: Int) -> ConnectionHandler {
        attempts[index] = nil
        guard isPending, !race.isOver, let handler else { return AbandonedConnection() }
        perform(race.connected(index))
        return handler
    }

    private func connectionFailure() -> DialError {
        let place = options.proxy.map { "the proxy \($0.host):\($0.port)" } ?? "\(endpoint)"
        guard let lastFailure else { return DialError(.connectionFailed, "Nothing answers at \(place)") }
        guard lastFailure.code != .shutDown else {
            return DialError(.shutDown, "The event loop was shut down", transport: lastFailure)
        }
        return DialError(.connectionFailed, "Cannot connect to \(place): \(lastFailure)", transport: lastFailure)
    }

    public override func timerFired(_ tag: UInt32) {
        guard isPending else { return }
        if tag == Self.attemptTag {
            perform(race.delayPassed())
        } else {
            handler?.connection?.abort()
            fail(DialError(.timedOut, "\(endpoint) was not open within \(options.timeoutMilliseconds) ms"))
        }
    }

    // MARK: The end

    /// The server has accepted: the WebSocket takes over the connection.
    func accepted(_ response: ClientUpgradeResponse.Accepted, by connection: Connection) -> ClientWebSocket? {
        guard isPending, let makeWebSocket else { return nil }
        handler = nil
        _ = settle()
        let webSocket = makeWebSocket(loop)
        webSocket.accepted(response)
        connection.setHandler(webSocket)
        return webSocket
    }

    func fail(_ error: DialError) {
        guard isPending else { return }
        if isStarting { failLater(error) } else { failNow(error) }
    }

    private func failLater(_ error: DialError) {
        loop.execute { self.failNow(error) }
    }

    private func failNow(_ error: DialError) {
        guard let failed else { return }
        // Not a reset: TLS may have something to say to the server.
        settle()?.close()
        failed(error)
    }

    /// Lets go of everything.
    /// - Returns: The connection that was established, if there is one.
    private func settle() -> Connection? {
        failed = nil
        makeWebSocket = nil
        loop.cancel(deadline)
        loop.cancel(attemptTimer)
        let (connections, current) = (attempts.values, handler)
        attempts = [:]
        handler = nil
        for connection in connections { connection.abort() }
        return current?.connection
    }
}

/// The handler of a connection that came to be although nobody wants it any more.
private final class AbandonedConnection: ConnectionHandler {
    override func connected() {
        connection?.abort()
    }
}
