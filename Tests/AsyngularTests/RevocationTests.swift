import JSONWebToken
import SocketProtocol
import StrictJSON
import Synchronization
import Testing

@testable import Asyngular

/// Tokens revoked while their sockets are open, and refused afterwards.
@Suite struct RevocationTests {
    private static let removal = ##"{"event":"#removeAuthToken"}"##
    private static let revoked = #""name":"AuthTokenInvalidError","isBadToken":true}"#

    static let revocations: [AGRevocation] = [
        .tokenID("t-1"), .subject("bob", issuedBefore: 1e12), .allTokens(ofSubject: "bob"), .issuedBefore(1e12),
    ]

    private static func token(_ server: TestServer, sub: String = "bob", jti: String = "t-1") throws -> String {
        try server.token(["sub": .string(sub), "jti": .string(jti), "username": "b"])
    }

    @Test(arguments: AGAuthScheduling.tested, revocations)
    func openSocketsAndNewcomers(_ scheduling: AGAuthScheduling, _ revocation: AGRevocation) async throws {
        try await TestServer.run(scheduling) {
            $0.loops = 2
        } _: { server in
            let token = try Self.token(server)
            let (client, socket) = try await server.connectedPair(token: token)
            let own = try await server.connectedPair(token: token)
            let (other, otherSocket) = try await server.connectedPair(
                token: try Self.token(server, sub: "eve", jti: "t-2")
            )
            let before = server.eventNames(of: socket).count
            try await server.server.auth.revoke(revocation)
            #expect(try await client.text() == Self.removal)
            #expect(try await own.client.text() == Self.removal)
            #expect(Array(server.eventNames(of: socket).dropFirst(before)) == AuthLossTests.lost)
            #expect(await socket.identity == "unauthenticated nil nil")
            try await client.expectNothing()

            let isForAll = revocation.target == .issuedBefore(1e12)
            if isForAll {
                #expect(try await other.text() == Self.removal)
            } else {
                try await other.expectNothing()
                #expect(await otherSocket.authState == .authenticated)
            }

            // In the handshake …
            let newcomer = try server.client()
            let reply = try await server.handshake(newcomer, token: "\"\(token)\"").reply
            #expect(reply.contains(#""authError":{"message":"jwt revoked","# + Self.revoked))
            #expect(try await newcomer.text() == Self.removal)
            // … and by #authenticate.
            try newcomer.send(##"{"event":"#authenticate","data":"\##(token)","cid":2}"##)
            #expect(try await newcomer.text() == #"{"rid":2,"error":{"message":"jwt revoked","# + Self.revoked + "}")
            #expect(try await newcomer.text() == Self.removal)
            #expect(throws: TokenError.revoked) {
                try server.server.auth.verifyToken(token, server.server.verificationKey)
            }
        }
    }

    /// A subject logs in again with a token that was signed later.
    @Test func laterTokensAreGood() async throws {
        try await TestServer.run { server in
            try await server.server.auth.revoke(.subject("bob", issuedBefore: 1000))
            let old = try server.token(["sub": "bob", "iat": 999])
            let new = try server.token(["sub": "bob", "iat": 1000])
            let refused = try server.client()
            #expect(try await server.handshake(refused, token: "\"\(old)\"").reply.contains("jwt revoked"))
            let accepted = try server.client()
            #expect(
                try await server.handshake(accepted, token: "\"\(new)\"").reply.contains(#""isAuthenticated":true"#)
            )
        }
    }

    @Test func disconnects() async throws {
        try await TestServer.run {
            $0.authRevocationAction = .disconnect(code: 4501)
        } _: { server in
            let (client, _) = try await server.pair(token: try Self.token(server))
            try await server.server.auth.revoke(.subject("bob"))
            #expect(try await client.text() == Self.removal)
            try await client.expectClose(4501)
        }
    }

    @Test(arguments: [true, false])
    func subscriptionsOnRequest(_ isAsked: Bool) async throws {
        try await TestServer.run {
            $0.kickOutOnDeauthentication = isAsked
        } _: { server in
            let (client, socket) = try await server.pair(token: try Self.token(server))
            try client.send(##"{"event":"#subscribe","data":{"channel":"c"},"cid":2}"##)
            #expect(try await client.text() == #"{"rid":2}"#)
            try await server.server.auth.revoke(.tokenID("t-1"))
            if isAsked {
                let kick = ##"{"event":"#kickOut","data":{"channel":"c","##
                #expect(try await client.text() == kick + #""message":"The socket is no longer authenticated"}}"#)
            }
            #expect(try await client.text() == Self.removal)
            #expect(await socket.channels == (isAsked ? [] : ["c"]))
        }
    }

    /// A token that is on the pool while it is revoked is refused when it comes back.
    @Test func whileItIsVerified() async throws {
        try await TestServer.run(.offloaded) { server in
            let token = try Self.token(server)
            let gate = KeyGate(server.server)
            let client = try server.client()
            try client.send(TestServer.handshake(token: token))
            // Its packet has been processed when another loop job runs after it is read.
            while await server.onLoop(0, { _ in server.server.pool?.counters.snapshot.tokens ?? 0 }) == 0 {
                await Task.yield()
            }
            try await server.server.auth.revoke(.tokenID("t-1"))
            gate.open()
            #expect(try await client.text().contains("jwt revoked"))
        }
    }

    @Test func isBounded() async throws {
        try await TestServer.run {
            $0.authRevocationLimit = 1
        } _: { server in
            let (client, _) = try await server.pair(token: try Self.token(server))
            try await server.server.auth.revoke(.tokenID("x"))
            await #expect(throws: AGError.resourceLimit("Too many revocations are in force")) {
                try await server.server.auth.revoke(.subject("bob"))
            }
            // Who is there loses the token all the same.
            #expect(try await client.text() == Self.removal)
        }
    }

    // MARK: A store

    final class Store: AGRevocationStore {
        let known: [AGRevocation]
        let added = Collected<AGRevocation>()
        let stream = AsyncStream<AGRevocation>.makeStream()
        let failure: AGError?

        init(_ known: [AGRevocation], failure: AGError? = nil) {
            self.known = known
            self.failure = failure
        }

        func load() async throws -> [AGRevocation] {
            if let failure { throw failure }
            return known
        }

        func add(_ revocation: AGRevocation) async throws {
            added.append(revocation)
            if let failure { throw failure }
        }

        func updates() -> AsyncStream<AGRevocation> { stream.stream }
    }

    @Test func keptInAStore() async throws {
        try await TestServer.run { server in
            let store = Store([.tokenID("t-1")])
            try await server.server.auth.keepRevocations(in: store)
            let refused = try server.client()
            let token = try Self.token(server)
            #expect(try await server.handshake(refused, token: "\"\(token)\"").reply.contains("jwt revoked"))
            // What others revoke takes effect here, and is not told to the store again.
            let (client, _) = try await server.pair(token: try Self.token(server, sub: "eve", jti: "t-2"))
            store.stream.continuation.yield(.tokenID("t-2"))
            #expect(try await client.text() == Self.removal)
            #expect(store.added.values.isEmpty)
            try await server.server.auth.revoke(.tokenID("t-3"))
            #expect(store.added.values == [.tokenID("t-3")])
        }
    }

    /// A store that fails is the caller's to know; the revocation is in force here.
    @Test func aStoreThatFails() async throws {
        try await TestServer.run { server in
            let down = AGError(message: "store is down")
            await #expect(throws: down) {
                try await server.server.auth.keepRevocations(in: Store([], failure: down))
            }
            let store = Store([])
            try await server.server.auth.keepRevocations(in: store)
            let (client, _) = try await server.pair(token: try Self.token(server))
            try await server.server.auth.revoke(.tokenID("t-1"))
            #expect(try await client.text() == Self.removal)
            #expect(store.added.values.count == 1)
        }
    }
}
