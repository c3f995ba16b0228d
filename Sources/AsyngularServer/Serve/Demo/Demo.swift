import Asyngular
import SocketProtocol
import StrictJSON

/// `--demo`: one account, rooms that only tokens listing them may enter, and a page that shows both ways to log in.
enum Demo {
    static func install(on server: AGServer) {
        server.procedure("login") { socket, request in
            guard let claims = DemoAccounts.claims(for: request.value) else {
                throw AGError(name: "LoginError", message: "Invalid user credentials")
            }
            request.end()
            try socket.setAuthToken(claims)
        }
        server.procedure("logout") { socket, request in
            request.end()
            socket.deauthenticate()
        }
        // Tokens of the demo's account have no such claim: whoever knows the server's key can sign one that has.
        server.procedure("revoke") { socket, request in
            guard socket.authToken?["admin"] == true, let subject = request.value?["subject"]?.stringValue else {
                throw AGError(name: "AccessError", message: "Only administrators revoke")
            }
            request.end()
            Task { try await server.auth.revoke(.allTokens(ofSubject: subject)) }
        }
        DemoRoutes.install(on: server)
    }

    static let policy = AGActionFilter(for: [.subscribe, .publishIn]) { action in
        guard let channel = action.channel, channel.hasPrefix("room/") else { return .allow }
        let allowed = action.authToken?["channels"]?.arrayValue ?? []
        guard allowed.contains(.string(channel)) else {
            return .block(AGError(name: "AccessError", message: "Not allowed on \(channel)"))
        }
        return .allow
    }
}
