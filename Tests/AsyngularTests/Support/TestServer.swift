import Asyngular
import JSONWebToken
import Logging
import StrictJSON
import Synchronization

@testable import Asyngular

/// A server in this process, on a port of its own, that notes the names of all events in order.
struct TestServer: Sendable {
    static let key = "test-key"

    let server: AGServer
    let port: Int
    private let events: Events

    private final class Events: Sendable {
        let names = Mutex<[String]>([])
    }

    /// Starts a server, runs `body` with it and closes it.
    static func run(
        _ configure: (inout AGServerOptions) -> Void = { _ in },
        setUp: (AGServer) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        var options = AGServerOptions(authKey: key)
        configure(&options)
        let events = Events()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = try AGServer(options: options, logger: logger) { _, event in
            events.names.withLock { $0.append(event) }
        }
        server.procedure("echo") { _, request in request.endWithRequestData() }
        setUp(server)
        let address = try await server.listen(host: "127.0.0.1", port: 0)
        guard case .ip(_, let port) = address else { throw TestClient.Failure(message: "no port") }
        do {
            try await body(TestServer(server: server, port: port, events: events))
        } catch {
            await server.close(within: .seconds(1))
            throw error
        }
        await server.close(within: .seconds(1))
    }

    /// The names of the events so far, the socket's and the server's in one order.
    var eventNames: [String] { events.names.withLock { $0 } }

    func client(path: String = "/socketcluster/", headers: [String] = []) throws -> TestClient {
        try TestClient(port: port, path: path, headers: headers)
    }

    /// A client whose handshake was accepted.
    func connected(token: String? = nil) async throws -> TestClient {
        let client = try client()
        let token = token.map { "\"\($0)\"" } ?? "null"
        try client.send(##"{"event":"#handshake","data":{"authToken":\##(token)},"cid":1}"##)
        let reply = try await client.text()
        guard reply.hasPrefix(#"{"rid":1,"data":{"id":""#) else { throw TestClient.Failure(message: reply) }
        return client
    }

    /// A token of this server's key.
    func token(_ payload: JSONObject, key: String = TestServer.key) throws -> String {
        try server.auth.signToken(payload, .hmac(secret: Array(key.utf8)))
    }
}
