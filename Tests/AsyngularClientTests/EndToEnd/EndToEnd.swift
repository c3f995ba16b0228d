import Asyngular
import JSONWebToken
import Logging
import SocketProtocol
import StrictJSON

@testable import AsyngularClient

/// A server in this process, and clients of it.
final class EndToEnd: Sendable {
    static let key = "test-key"

    struct Client: Sendable {
        let socket: AGClientSocket
        let events: EventTrace
        let store: TestTokenStore
    }

    let server: AGServer
    let port: Int

    private init(_ server: AGServer, port: Int) {
        self.server = server
        self.port = port
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
        configure(&options)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = try AGServer(options: options, logger: logger)
        server.procedure("echo") { _, request in request.endWithRequestData() }
        server.procedure("login") { socket, request in
            guard request.value?["password"] == "right" else {
                throw AGError(name: "LoginError", message: "Invalid user credentials")
            }
            request.end()
            try socket.setAuthToken(["username": request.value?["username"] ?? "nobody"])
        }
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
        try Self.client(port: port, token: token, configure)
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
