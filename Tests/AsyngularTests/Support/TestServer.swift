import EventLoop
import JSONWebToken
import Logging
import SocketProtocol
import StrictJSON
import Synchronization

@testable import Asyngular

/// A server in this process, on a port of its own, that notes the names of all events in order.
struct TestServer: Sendable {
    static let key = "test-key"

    let server: AGServer
    let port: Int
    private let events: EventLog
    private let clients = Clients()

    /// Holds the clients until the test is over: one that goes out of scope would disconnect while events are compared.
    private final class Clients: Sendable {
        let all = Mutex<[TestClient]>([])

        func drop() {
            for client in all.withLock({ $0 }) { client.drop() }
        }
    }

    /// Starts a server, runs `body` with it and closes it.
    static func run(
        _ configure: (inout AGServerOptions) -> Void = { _ in },
        setUp: (AGServer) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        var options = AGServerOptions(authKey: key)
        // No ping gets between the frames of a test that did not ask for any, and no pong is missed, on a slow machine.
        let noPings = 600_000
        options.pingInterval = noPings
        configure(&options)
        if options.pingInterval == noPings { options.pingTimeoutDisabled = true }
        let events = EventLog()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = try AGServer(options: options, logger: logger) { events.append(socketID: $0, $1) }
        server.procedure("echo") { _, request in request.endWithRequestData() }
        setUp(server)
        let address = try await server.listen(host: "127.0.0.1", port: 0)
        guard case .ip(_, let port) = address else { throw TestClient.Failure(message: "no port") }
        let test = TestServer(server: server, port: port, events: events)
        do {
            try await body(test)
        } catch {
            test.clients.drop()
            await server.close(within: .seconds(1))
            throw error
        }
        test.clients.drop()
        await server.close(within: .seconds(1))
    }

    // MARK: Events

    /// The names of the events so far, the socket's and the server's in one order.
    var eventNames: [String] { events.names }

    /// The events of one socket and their twins on the server; without the server's `warning`, which names no socket.
    func eventNames(of socket: AGServerSocket) -> [String] { events.names(of: socket.id) }

    func events(ofID id: String) -> [String] { events.names(of: id) }

    /// Waits until an event has been emitted so many times since the server started.
    func wait(for event: String, count: Int = 1) async {
        await events.wait(for: event, count: count)
    }

    // MARK: Clients

    func client(
        path: String = "/socketcluster/",
        headers: [String] = [],
        behind: [UInt8] = []
    ) throws -> TestClient {
        let client = try TestClient(port: port, path: path, headers: headers, behind: behind)
        clients.all.withLock { $0.append(client) }
        return client
    }

    /// A client whose handshake was accepted.
    func connected(token: String? = nil) async throws -> TestClient {
        let client = try client()
        try client.send(Self.handshake(token: token))
        let reply = try await client.text()
        guard reply.hasPrefix(#"{"rid":1,"data":{"id":""#) else { throw TestClient.Failure(message: reply) }
        return client
    }

    /// A client whose handshake was accepted, and its socket on the server.
    func connectedPair(token: String? = nil) async throws -> (client: TestClient, socket: AGServerSocket) {
        let client = try client()
        try client.send(Self.handshake(token: token))
        let reply = try JSONValue(parsing: Array(try await client.text().utf8))
        guard let id = reply["data"]?["id"]?.stringValue, let socket = await socket(id: id) else {
            throw TestClient.Failure(message: "no such socket")
        }
        return (client, socket)
    }

    static func handshake(token: String? = nil, cid: Int = 1) -> String {
        let token = token.map { "\"\($0)\"" } ?? "null"
        return ##"{"event":"#handshake","data":{"authToken":\##(token)},"cid":\##(cid)}"##
    }

    /// A token of this server's key.
    func token(_ payload: JSONObject = ["username": "bob"], key: String = TestServer.key) throws -> String {
        try server.auth.signToken(payload, .hmac(secret: Array(key.utf8)))
    }

    // MARK: The loops

    var contexts: [LoopContext] { server.state.withLock { $0.contexts } }

    /// Runs on a loop and waits for the result.
    func onLoop<R: Sendable>(_ index: Int = 0, _ body: @escaping @Sendable (LoopContext) -> R) async -> R {
        let context = contexts[index]
        return await withCheckedContinuation { continuation in
            context.loop.execute { continuation.resume(returning: body(context)) }
        }
    }

    /// Asks on a loop until the answer is yes, for what has no event.
    func wait(_ index: Int = 0, until isSo: @escaping @Sendable (LoopContext) -> Bool) async {
        while await !onLoop(index, isSo) { await Task.yield() }
    }

    private func socket(id: String) async -> AGServerSocket? {
        for index in contexts.indices {
            if let socket = await onLoop(index, { $0.openSockets.values.first { $0.id == id } }) { return socket }
        }
        return nil
    }
}
