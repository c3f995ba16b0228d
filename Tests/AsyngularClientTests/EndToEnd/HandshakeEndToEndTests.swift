import Asyngular
import SocketProtocol
import StrictJSON
import Testing

@testable import AsyngularClient

/// A stored token, what the server thinks of it, and what the client makes of that (contract §9.2).
struct StoredTokenRow: Sendable, CustomTestStringConvertible {
    enum Token: Sendable {
        case none
        case claims(JSONObject)
        case claimsOfAnotherKey
        case text(String)
    }

    let name: String
    let token: Token
    var isAuthenticated = false
    /// The name of the authError.
    var error: String?
    /// Whether the server has the token removed.
    var isRemoved = false

    var testDescription: String { name }

    private static let valid = Token.claims(["username": "bob", "exp": 4_102_444_800])
    private static func blocked(_ way: JSONValue) -> Token { .claims(["exp": 4_102_444_800, "block": way]) }

    static let all: [StoredTokenRow] = [
        StoredTokenRow(name: "none", token: .none),
        StoredTokenRow(name: "valid", token: valid, isAuthenticated: true),
        StoredTokenRow(
            name: "expired",
            token: .claims(["exp": 1_700_000_001]),
            error: "AuthTokenExpiredError",
            isRemoved: true
        ),
        StoredTokenRow(name: "malformed", token: .text("abc"), error: "AuthTokenInvalidError", isRemoved: true),
        StoredTokenRow(name: "forged", token: .claimsOfAnotherKey, error: "AuthTokenInvalidError", isRemoved: true),
        StoredTokenRow(name: "not active", token: .claims(["nbf": 4_102_444_800]), error: "AuthTokenNotBeforeError"),
        StoredTokenRow(
            name: "blocked as bad",
            token: blocked("bad"),
            error: "PolicyError",
            isRemoved: true
        ),
        StoredTokenRow(name: "blocked", token: blocked("plain"), error: "PolicyError"),
        StoredTokenRow(name: "blocked silently", token: blocked("silent"), error: "SilentMiddlewareBlockedError"),
    ]

    func signed() throws -> String? {
        switch token {
        case .none: nil
        case .claims(let claims): try EndToEnd.token(claims)
        case .claimsOfAnotherKey: try EndToEnd.token(key: "another")
        case .text(let text): text
        }
    }
}

@Suite(.timeLimit(.minutes(2)))
struct HandshakeEndToEndTests {
    @Test(arguments: StoredTokenRow.all)
    func `the stored token is presented`(row: StoredTokenRow) async throws {
        try await EndToEnd.anywhere { test in
            let token = try row.signed()
            let client = try test.client(token: token) { $0.autoConnect = false }
            let connected = client.socket.listener(.connect)
            await client.socket.connect()
            let status = try await connected.once(timeout: .seconds(30))
            #expect(status.isAuthenticated == row.isAuthenticated)
            #expect(status.authError?.name == row.error)
            #expect(status.authToken?.signed == token)
            #expect(status.pingTimeout >= 1000)
            #expect(status.id == (await client.socket.id))
            if row.isRemoved { await client.events.wait(for: "removeAuthToken") }
            // Whatever else there is to come has come before an answer to a call.
            #expect(try await client.socket.invoke("echo", 1)?.value() == 1)
            let events = client.events.lines.map { String($0.prefix { $0 != " " }) }
            let won = row.isAuthenticated ? ["authStateChange", "authenticate"] : []
            #expect(events == ["connecting"] + won + ["connect"] + (row.isRemoved ? ["removeAuthToken"] : []))
            #expect(client.store.value == (row.isRemoved ? nil : token))
            #expect(await client.socket.authState == (row.isAuthenticated ? .authenticated : .unauthenticated))
            #expect(await client.socket.signedAuthToken == (row.isAuthenticated ? token : nil))
            let server = try await client.socket.invoke("whoami")?.value()
            #expect(server?["isAuthenticated"] == .bool(row.isAuthenticated))
            // What the server did not call bad is shown again; it alone decides.
            client.events.take()
            await client.socket.reconnect()
            await client.events.wait(for: "connect ")
            let again = client.events.lines.first { $0.hasPrefix("connect ") } ?? ""
            #expect(again.contains(" with ") == (token != nil && !row.isRemoved))
        }
    }

    @Test
    func `an identity that is not confirmed is lost with the next handshake`() async throws {
        try await EndToEnd.anywhere { test in
            let token = try EndToEnd.token()
            let client = try await test.connected(token: token)
            #expect(await client.socket.authToken?["username"] == "bob")
            client.store.value = "bad"
            client.events.take()
            await client.socket.reconnect(1000, reason: "again")
            await client.events.wait(for: "removeAuthToken")
            #expect(
                client.events.lines.map { String($0.prefix { $0 != " " }) } == [
                    "disconnect", "close!", "connecting", "authStateChange", "deauthenticate", "connect",
                    "removeAuthToken",
                ]
            )
            #expect(client.events.lines.last == "removeAuthToken bad")
            #expect(client.store.value == nil)
        }
    }

    @Test(arguments: [(4501, false), (4100, true)])
    func `a refusal is final if its code says so`(code: Int, returns: Bool) async throws {
        try await EndToEnd.anywhere { test in
            let refused = try EndToEnd.token(["exp": 4_102_444_800, "refuse": .integer(Int64(code))])
            let client = try test.client(token: refused)
            await client.events.wait(for: "close!")
            client.store.value = nil
            await client.events.wait(for: "error SocketProtocolError")
            #expect(
                client.events.lines.prefix(5) == [
                    "connecting", "error PolicyError: no statusCode=\(code)",
                    "connectAbort \(code) PolicyError: no", "close! \(code) PolicyError: no",
                    "error SocketProtocolError: Socket connection closed with status code \(code) and reason: "
                        + "PolicyError: no code=\(code)",
                ]
            )
            if returns {
                await client.events.wait(for: "connect ")
            } else {
                #expect(await client.socket.pendingReconnect == false)
            }
        }
    }

    @Test
    func `an unreachable server is tried again`() async throws {
        var port = 0
        try await EndToEnd.run { port = $0.port }
        let client = try EndToEnd.client(port: port)
        await client.events.wait(for: "connecting", count: 3)
        let lines = client.events.lines
        #expect(lines[1].hasPrefix("connectAbort 1006 ") && lines[2].hasPrefix("close! 1006 "))
        #expect(lines[3] == "error SocketProtocolError: Socket hung up code=1006")
        try await EndToEnd.run(port: port) { _ in await client.events.wait(for: "connect ") }
    }

    @Test
    func `another path is no server`() async throws {
        try await EndToEnd.run { test in
            let client = try test.client {
                $0.path = "/other/"
                $0.autoReconnect = false
            }
            await client.events.wait(for: "error")
            #expect(
                client.events.lines.map { String($0.prefix { $0 != " " }) } == [
                    "connecting", "connectAbort", "close!", "error",
                ]
            )
        }
    }
}
