import Asyngular
import JSONWebToken
import Logging
import SocketProtocol
import StrictJSON

@testable import AsyngularClient

/// A server in this process, or another one (``SequenceServer``), and clients of it.
final class EndToEnd: Sendable {
    static let key = SequenceServer.external?.key ?? "test-key"

    struct Client: Sendable {
        let socket: AGClientSocket
        let events: EventTrace
        let store: TestTokenStore
    }

    private let own: AGServer?
    let host: String
    let port: Int
    let path: String

    private init(_ own: AGServer?, host: String = "127.0.0.1", port: Int, path: String = "/socketcluster/") {
        self.own = own
        self.host = host
        self.port = port
        self.path = path
    }

    /// The server in this process.
    var server: AGServer { own! }

    /// Runs `body` with the server that the environment names, or else with one in this process.
    ///
    /// - Parameter pingTimeout: of a server in this process, milliseconds.
    static func anywhere(pingTimeout: Int = 60_000, _ body: (EndToEnd) async throws -> Void) async throws {
        guard let external = SequenceServer.external else {
            return try await run {
                $0.pingInterval = 300
                $0.pingTimeout = pingTimeout
            } _: {
                try await body($0)
            }
        }
        try await body(EndToEnd(nil, host: external.host, port: external.port, path: external.path))
    }

    /// Starts a server, runs `body` with it and closes it.
    static func run(
        port: Int = 0,
        _ configure: (inout AGServerOptions) -> Void = { _ in },
        setUp: (AGServer) -> Void = { _ in },
        _ body: (EndToEnd) async throws -> Void
    ) async throws {
        var options = AGServerOptions(authKey: key)
        // On a slow machine no connection is lost for want of a ping, unless the test is about that.
        options.pingTimeout = 60_000
        options.actionFilter = SequenceServer.filter
        configure(&options)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = try AGServer(options: options, logger: logger)
        SequenceServer.addProcedures(to: server)
        setUp(server)
        let address = try await server.listen(host: "127.0.0.1", port: port)
        guard case .ip(_, let port) = address else { throw AGError(message: "no port") }
        do {
            try await body(EndToEnd(server, port: port))
        } catch {
            await server.close(within: .seconds(1))
            throw error
        }
        await server.close(within: .seconds(1))
    }

    /// A client that connects by itself.
    func client(token: String? = nil, _ configure: (inout AGClientOptions) -> Void = { _ in }) throws -> Client {
        try Self.client(port: port, token: token) {
            $0.hostname = host
            $0.path = path
            configure(&$0)
        }
    }

    static func client(
        port: Int,
        token: String? = nil,
        _ configure: (inout AGClientOptions) -> Void = { _ in }
    ) throws -> Client {
        var options = AGClientOptions(hostname: "127.0.0.1", port: UInt16(port))
        options.autoReconnectOptions = AGReconnectOptions(initialDelay: 5, randomness: 5, multiplier: 1.5, maxDelay: 50)
        let store = TestTokenStore(token)
        options.authTokenStore = store
        configure(&options)
        let events = EventTrace()
        let loop = try SharedLoop.get()
        let socket = AsyngularClient.create(options, on: loop, connector: DialerConnector()) { events.append($0) }
        return Client(socket: socket, events: events, store: store)
    }

    /// A client whose connection is open.
    func connected(token: String? = nil, _ configure: (inout AGClientOptions) -> Void = { _ in }) async throws -> Client
    {
        let client = try client(token: token, configure)
        await client.events.wait(for: "connect ")
        return client
    }

    /// A token of the server's key.
    static func token(
        _ payload: JSONObject = ["username": "bob", "exp": 4_102_444_800],
        key: String = key
    ) throws -> String {
        try TokenSigner().sign(payload, key: .hmac(secret: Array(key.utf8)), now: 1_700_000_000)
    }
}
