import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// Identities renewed before they expire.
@Suite struct AuthRefreshTests {
    private static let subscription = ##"{"event":"#subscribe","data":{"channel":"c"},"cid":2}"##

    private struct Refused: Error {}

    /// A server whose tokens last two seconds, so that they are renewed one second before they end.
    private static func run(
        _ handler: @escaping AGRefreshHandler,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run {
            $0.authDefaultExpiry = 2
        } setUp: {
            $0.auth.refresh(before: .seconds(1), handler)
        } _: {
            try await body($0)
        }
    }

    @Test func keepsIdentityAndSubscriptions() async throws {
        try await Self.run { _, token in
            guard case .object(let claims) = try token.claims.value() else { return nil }
            return claims
        } _: { server in
            let (client, socket) = try await server.pair()
            try client.send(Self.subscription)
            #expect(try await client.text() == #"{"rid":2}"#)
            try await socket.setAuthToken(["username": "bob", "role": "admin"])
            let first = try AuthSetTokenTests.token(of: try await client.text())
            let before = server.eventNames.count
            let second = try AuthSetTokenTests.token(of: try await client.text())
            #expect(first != second)
            #expect(server.eventNames(after: before) == ["authTokenSigned", "authenticate", "authentication"])
            let old = try server.server.auth.verifyToken(first, server.server.verificationKey)
            let new = try server.server.auth.verifyToken(second, server.server.verificationKey)
            #expect(new["username"] == "bob")
            #expect(new["role"] == "admin")
            #expect(try #require(new.expiresAt) > #require(old.expiresAt))
            #expect(await socket.channels == ["c"])
            // And again, before the second one ends.
            _ = try AuthSetTokenTests.token(of: try await client.text())
            #expect(await socket.authState == .authenticated)
        }
    }

    /// No new claims, or an error, and the token ends when it ends.
    @Test(arguments: [true, false])
    func orLetsItExpire(_ throwing: Bool) async throws {
        try await Self.run { _, _ in
            if throwing { throw Refused() }
            return nil
        } _: { server in
            let (client, socket) = try await server.pair()
            try await socket.setAuthToken(["username": "bob"])
            _ = try AuthSetTokenTests.token(of: try await client.text())
            let before = server.eventNames.count
            #expect(try await client.text() == ##"{"event":"#removeAuthToken"}"##)
            #expect(server.eventNames(after: before) == (throwing ? ["error", "warning"] : []) + AuthLossTests.lost)
        }
    }

    /// A logout while the handler awaits is not undone by it.
    @Test func isOvertakenByALogout() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let entered = AsyncStream<Void>.makeStream()
        try await Self.run { _, _ in
            entered.continuation.yield()
            for await _ in gate.stream { break }
            return ["username": "bob"]
        } _: { server in
            let (client, socket) = try await server.pair()
            try await socket.setAuthToken(["username": "bob"])
            _ = try AuthSetTokenTests.token(of: try await client.text())
            for await _ in entered.stream { break }
            await socket.deauthenticate()
            #expect(try await client.text() == ##"{"event":"#removeAuthToken"}"##)
            gate.continuation.yield()
            try await client.expectNothing()
            #expect(await socket.authState == .unauthenticated)
        }
    }

    /// What time a token is renewed at, in milliseconds.
    @Test(arguments: [
        (lead: 60_000.0, expiry: 3_600_000.0, due: 3_540_000.0),
        (lead: 60_000, expiry: 60_001, due: 1),
        // Less left than the lead: half of it.
        (lead: 60_000, expiry: 60_000, due: 30_000),
        (lead: 60_000, expiry: 10_000, due: 5_000),
    ])
    func due(_ row: (lead: Double, expiry: Double, due: Double)) {
        let rule = AuthRefresh(lead: row.lead) { _, _ in nil }
        #expect(rule.due(expiry: row.expiry, now: 0) == row.due)
    }

    @Test func oldTimesAreNotRenewed() {
        let old = AGAuthToken(claims: ["username": "bob", "iat": 1, "nbf": 2, "exp": 3])
        #expect(
            AuthRefresh.renewed(["username": "bob", "iat": 1, "nbf": 2, "exp": 3], replacing: old) == [
                "username": "bob"
            ]
        )
        #expect(AuthRefresh.renewed(["iat": 1, "exp": 9], replacing: old) == ["exp": 9])
    }
}
