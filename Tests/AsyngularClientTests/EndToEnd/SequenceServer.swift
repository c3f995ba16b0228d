import Asyngular
import AsyngularSupport
import Foundation
import SocketProtocol
import StrictJSON

/// The server that the sequences of the contract (§9, §15) are played against.
///
/// By default one in this process. With `ASYNGULAR_PEER_URL` (`ws://127.0.0.1:8000/socketcluster/`) and `ASYNGULAR_PEER_KEY` (its HMAC secret) any
/// SocketCluster-compatible server on this machine that offers the following. It pings at least every second and gives up, and
/// lets clients give up, after 2 to 3 seconds; clients may publish.
///
/// Procedures:
/// - `echo` answers with the data it is given, `hang` never.
/// - `whoami` answers `{isAuthenticated, authToken}` of the server's socket.
/// - `login`: `{username, password}`; with the password `right` it answers, then sets a token with the `username`, else `LoginError`.
/// - `token`: `{claims, confirmed}` answers, then sets a token of the claims; `confirmed`: first sets it with `rejectOnFailedDelivery`.
/// - `logout` deauthenticates, then answers; with `true`: with `rejectOnFailedDelivery`.
/// - `close`: `{code, reason}` closes the socket; with 1005 by a close frame without a code.
/// - `kick` answers, then kicks the socket out of the channel whose name it is given, with the message `out`.
/// - `ask` calls the client's procedure `question` with what it is given, and answers with its answer.
///
/// Middleware:
/// - of the handshake: a token with the claim `refuse` is refused with a `PolicyError` of that `statusCode`.
/// - of `authenticate`: a token with the claim `block` is blocked with a `PolicyError`; `bad`: which has `isBadToken`; `plain`: which has not;
///   `silent`: which has, silently.
/// - of `subscribe`: a channel whose name begins with `refused` is blocked with an `AccessError`.
enum SequenceServer {
    struct External: Sendable {
        let host: String
        let port: Int
        let path: String
        let key: String
    }

    static let external: External? = {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["ASYNGULAR_PEER_URL"].flatMap({ URL(string: $0) }), let host = url.host,
            let port = url.port, let key = environment["ASYNGULAR_PEER_KEY"]
        else { return nil }
        return External(host: host, port: port, path: url.path + "/", key: key)
    }()

    static let filter = AGActionFilter(for: [.handshakeSC, .authenticate, .subscribe]) { action in
        var error = AGError(name: "PolicyError", message: "no")
        switch action.kind {
        case .handshakeSC:
            guard let code = action.authToken?["refuse"]?.integerValue else { return .allow }
            error.properties["statusCode"] = .integer(code)
            return .block(error)
        case .authenticate:
            guard let way = action.authToken?["block"]?.stringValue else { return .allow }
            if way != "plain" { error.properties["isBadToken"] = true }
            return way == "silent" ? .blockSilently(error) : .block(error)
        default:
            return action.channel?.hasPrefix("refused") == true
                ? .block(AGError(name: "AccessError", message: "no")) : .allow
        }
    }

    static func addProcedures(to server: AGServer) {
        server.procedure("echo") { _, request in request.endWithRequestData() }
        server.procedure("hang") { _, request in _ = request.deferred() }
        server.procedure("whoami") { socket, request in
            request.end(["isAuthenticated": .bool(socket.authState == .authenticated), "authToken": claims(of: socket)])
        }
        server.procedure("login") { socket, request in
            guard request.value?["password"] == "right" else {
                throw AGError(name: "LoginError", message: "Invalid user credentials")
            }
            request.end()
            try socket.setAuthToken(["username": request.value?["username"] ?? "nobody"])
        }
        server.procedure("close") { socket, request in
            let code = UInt16(request.value?["code"]?.integerValue ?? 1000)
            socket.disconnect(CloseCode(rawValue: code), reason: request.value?["reason"]?.stringValue ?? "")
        }
        server.procedure("kick") { socket, request in
            request.end()
            // The client is told also if it is not subscribed.
            try? socket.kickOut(channel: request.value?.stringValue ?? "", message: "out")
        }
        server.procedure("token") { socket, request in
            let claims = request.value?["claims"]?.objectValue ?? [:]
            guard request.value?["confirmed"] == true else {
                request.end()
                return try socket.setAuthToken(claims)
            }
            answer(request.deferred(), of: socket) {
                try await $0.setAuthToken(claims, rejectOnFailedDelivery: true)
                return .null
            }
        }
        server.procedure("logout") { socket, request in
            guard request.value == true else {
                socket.deauthenticate()
                return request.end()
            }
            answer(request.deferred(), of: socket) {
                try await $0.deauthenticate(rejectOnFailedDelivery: true)
                return .null
            }
        }
        server.procedure("ask") { socket, request in
            let question = request.value ?? .null
            answer(request.deferred(), of: socket) {
                try await $0.invoke("question", question)?.value() ?? .null
            }
        }
    }

    private static func answer(
        _ request: AGRequest?,
        of socket: AGServerSocket,
        _ body: @escaping @Sendable (AGServerSocket) async throws -> JSONValue
    ) {
        Task {
            do {
                request?.end(try await body(socket))
            } catch {
                request?.error(AGError(reporting: error))
            }
        }
    }

    private static func claims(of socket: isolated AGServerSocket) -> JSONValue {
        (try? socket.authToken?.claims.value()) ?? .null
    }
}
