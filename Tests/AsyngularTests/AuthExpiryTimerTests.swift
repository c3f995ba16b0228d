import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// An identity ends at its token's `exp`, without any traffic.
@Suite struct AuthExpiryTimerTests {
    private static let removal = ##"{"event":"#removeAuthToken"}"##

    private static func soon(_ seconds: Double) -> Double { Double(WallClock.milliseconds()) / 1000 + seconds }

    @Test(arguments: AGAuthScheduling.tested)
    func ofAHandshakeToken(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            // Verification counts whole seconds, so this is more than it takes to get there.
            let expiry = Self.soon(1.2)
            let token = try server.token(["username": "bob", "exp": .number(expiry)])
            let (client, socket) = try await server.pair(token: token)
            #expect(await socket.authState == .authenticated)
            let before = server.eventNames.count
            #expect(try await client.text() == Self.removal)
            #expect(Double(WallClock.milliseconds()) > expiry * 1000)
            #expect(server.eventNames(after: before).suffix(4) == AuthLossTests.lost[...])
            #expect(await socket.identity == "unauthenticated nil nil")
            try await client.expectNothing()
        }
    }

    /// The first thing the client does afterwards is judged as if it had found the expiry out.
    @Test func isToldToTheNextAction() async throws {
        let seen = Collected<String?>()
        let filter = AGActionFilter(for: [.invoke]) { action in
            seen.append(action.authTokenExpiredError.map { String(decoding: $0.serialized(), as: UTF8.self) })
            return .allow
        }
        try await TestServer.run {
            $0.actionFilter = filter
        } _: { server in
            let (client, socket) = try await server.pair()
            try await socket.setAuthToken(["username": "bob", "exp": 1000])
            _ = try AuthSetTokenTests.token(of: try await client.text())
            #expect(try await client.text() == Self.removal)
            // A pong finds nothing and takes nothing away.
            try client.send("")
            try await client.expectNothing()
            try await client.expectNothing()
            #expect(
                seen.values == [
                    #"{"message":"The socket auth token has expired","name":"AuthTokenExpiredError","expiry":1000}"#,
                    nil,
                ]
            )
        }
    }

    /// A new token in time takes the place of the old one's end.
    @Test func notOfAReplacedToken() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            try await socket.setAuthToken(["username": "bob", "exp": .number(Self.soon(0.3))])
            _ = try AuthSetTokenTests.token(of: try await client.text())
            try await socket.setAuthToken(["username": "carol", "exp": .number(Self.soon(0.6))])
            _ = try AuthSetTokenTests.token(of: try await client.text())
            let lost = socket.listener(.deauthenticate)
            #expect(try await client.text() == Self.removal)
            #expect(try await lost.once(timeout: .seconds(10))?["username"] == "carol")
        }
    }

    /// Tokens that never expire, or not in this century, keep no socket from closing.
    @Test(arguments: [nil, 4_102_444_800, 1e300] as [Double?])
    func farAway(_ expiry: Double?) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            let exp: JSONValue = expiry.map { .number($0) } ?? .integer(9_007_199_254_740_991)
            try await socket.setAuthToken(["exp": exp])
            _ = try AuthSetTokenTests.token(of: try await client.text())
            try await client.expectNothing()
            await socket.disconnect()
            try await client.expectClose(1000)
        }
    }

    @Test func canBeSwitchedOff() async throws {
        try await TestServer.run {
            $0.authExpiryTimer = false
        } _: { server in
            let (client, socket) = try await server.pair()
            try await socket.setAuthToken(["exp": 1000])
            _ = try AuthSetTokenTests.token(of: try await client.text())
            #expect(await socket.run { $0.authDue == .infinity })
            try client.send("")
            #expect(try await client.text() == Self.removal)
        }
    }

    /// Nothing is left on the wheel of a socket that has gone.
    @Test func isCancelledWithTheSocket() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair(token: HandshakeRow.valid)
            #expect(await socket.run { $0.authDue < .infinity && $0.clock != .none })
            let before = server.eventNames.count
            client.drop()
            await server.wait(for: "closure")
            await socket.run { socket in
                #expect(socket.clock == .none)
                socket.clockFired()
                #expect(socket.clock == .none)
                #expect(socket.state == .closed)
            }
            #expect(!server.eventNames(after: before).contains("deauthenticate"))
        }
    }
}
