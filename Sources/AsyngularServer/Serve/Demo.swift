import Asyngular
import SocketProtocol
import StrictJSON

/// `--demo`: one account, and rooms that only tokens listing them may enter.
enum Demo {
    /// Who may log in, with which password, and the rooms their token lists.
    private static let accounts: [String: (password: String, channels: [JSONValue])] = [
        "alice": ("right", ["room/7"])
    ]

    static func install(on server: AGServer) {
        server.procedure("login") { socket, request in
            guard let username = request.value?["username"]?.stringValue,
                let account = accounts[username],
                request.value?["password"]?.stringValue == account.password
            else {
                throw AGError(name: "LoginError", message: "Invalid user credentials")
            }
            request.end()
            try socket.setAuthToken(["username": .string(username), "channels": .array(account.channels)])
        }
        server.procedure("logout") { socket, request in
            request.end()
            socket.deauthenticate()
        }
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
