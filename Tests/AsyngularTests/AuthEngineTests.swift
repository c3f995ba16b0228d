import JSONWebToken
import SocketProtocol
import StrictJSON
import Synchronization
import Testing

@testable import Asyngular

/// Tokens judged and signed by an engine of the program's own (contract §8, §9, §20.7).
@Suite struct AuthEngineTests {
    private static let removal = ##"{"event":"#removeAuthToken"}"##

    /// Opaque tokens: `user:NAME` is an identity, the others are what they say.
    final class Engine: AuthEngine {
        struct Outage: Error, CustomStringConvertible {
            let description = "connect to secret-host failed"
        }

        let cancelled = Mutex(0)
        let started = AsyncStream<Void>.makeStream()
        let gate = AsyncStream<Void>.makeStream()

        func verifyToken(
            _ signedToken: String,
            _ keys: KeySet,
            options: AuthVerificationOptions
        ) async throws -> AGAuthToken {
            #expect(options.socket != nil)
            switch signedToken {
            case "bad": throw AuthEngineError.badToken("no such session")
            case "expired": throw AuthEngineError.expired(at: 1_767_225_600_000)
            case "early": throw AuthEngineError.notActiveYet(at: 4_102_444_800_000)
            case "down": throw AuthEngineError.cannotVerify("the directory is down")
            case "jwt": throw TokenError.malformed
            case "own": throw AGError(name: "OwnError", message: "own", properties: ["isBadToken": true])
            case "outage": throw Outage()
            case "never":
                started.continuation.yield()
                do {
                    try await Task.sleep(for: .seconds(3600))
                } catch {
                    cancelled.withLock { $0 += 1 }
                    throw error
                }
                throw Outage()
            case "gate":
                started.continuation.yield()
                for await _ in gate.stream { break }
                return AGAuthToken(claims: ["username": "gate"])
            default: return AGAuthToken(claims: ["username": .string(String(signedToken.dropFirst(5))), "sub": "s"])
            }
        }

        func signToken(
            _ payload: JSONObject,
            _ key: SigningKey?,
            options: SigningOptions
        ) async throws -> String {
            await Task.yield()
            if payload["fail"] != nil { throw Outage() }
            if payload["gate"] != nil { for await _ in gate.stream { break } }
            return "user:\(payload["username"]?.stringValue ?? "")"
        }
    }

    /// For tokens at the upgrade: `down` cannot be judged, `never` is not judged.
    final class UpgradeEngine: AuthEngine {
        let started = AsyncStream<Void>.makeStream()
        let cancelled = AsyncStream<Void>.makeStream()
        private let socket = Mutex(WeakSocket())

        private struct WeakSocket: Sendable {
            weak var value: AGServerSocket?
        }

        /// Whether the socket that was asked about is still there.
        var hasSocket: Bool { socket.withLock { $0.value != nil } }

        func verifyToken(
            _ signedToken: String,
            _ keys: KeySet,
            options: AuthVerificationOptions
        ) async throws -> AGAuthToken {
            socket.withLock { $0.value = options.socket }
            guard signedToken == "never" else { throw AuthEngineError.cannotVerify("down") }
            started.continuation.yield()
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                cancelled.continuation.yield()
            }
            throw Engine.Outage()
        }

        func signToken(
            _ payload: JSONObject,
            _ key: SigningKey?,
            options: SigningOptions
        ) async throws -> String {
            throw Engine.Outage()
        }
    }

    private static func run(
        _ engine: Engine,
        _ configure: (inout AGServerOptions) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run {
            $0.authEngine = engine
            configure(&$0)
        } _: {
            try await body($0)
        }
    }

    struct Row: Sendable {
        let token: String
        let error: String
        let isRemoved: Bool
    }

    static let rows = [
        Row(
            token: "bad",
            error: #"{"message":"no such session","name":"AuthTokenInvalidError","isBadToken":true}"#,
            isRemoved: true
        ),
        Row(
            token: "expired",
            error: #"{"message":"jwt expired","name":"AuthTokenExpiredError","expiry":"2026-01-01T00:00:00.000Z","#
                + #""isBadToken":true}"#,
            isRemoved: true
        ),
        Row(
            token: "early",
            error: #"{"message":"jwt not active","name":"AuthTokenNotBeforeError","date":"2100-01-01T00:00:00.000Z","#
                + #""isBadToken":false}"#,
            isRemoved: false
        ),
        Row(
            token: "down",
            error: #"{"message":"the directory is down","name":"AuthTokenError","isBadToken":false}"#,
            isRemoved: false
        ),
        Row(
            token: "jwt",
            error: #"{"message":"jwt malformed","name":"AuthTokenInvalidError","isBadToken":true}"#,
            isRemoved: true
        ),
        Row(token: "own", error: #"{"message":"own","name":"OwnError","isBadToken":true}"#, isRemoved: true),
        // The error's own text is nobody's business.
        Row(
            token: "outage",
            error: #"{"message":"The token cannot be verified now","name":"AuthTokenError","isBadToken":false}"#,
            isRemoved: false
        ),
    ]

    @Test(arguments: rows)
    func refusals(_ row: Row) async throws {
        try await Self.run(Engine()) { server in
            let client = try server.client()
            let reply = try await server.handshake(client, token: "\"\(row.token)\"").reply
            #expect(reply.contains(#""authError":\#(row.error),"isAuthenticated":false"#))
            if row.isRemoved { #expect(try await client.text() == Self.removal) }
            try client.send(##"{"event":"#authenticate","data":"\##(row.token)","cid":2}"##)
            if row.isRemoved {
                #expect(try await client.text() == #"{"rid":2,"error":\#(row.error)}"#)
                #expect(try await client.text() == Self.removal)
            } else {
                #expect(
                    try await client.text() == #"{"rid":2,"data":{"isAuthenticated":false,"authError":\#(row.error)}}"#
                )
            }
            try await client.expectNothing()
        }
    }

    @Test func identities() async throws {
        try await Self.run(Engine()) { server in
            let (client, socket) = try await server.pair(token: "user:bob")
            #expect(await socket.identity == #"authenticated {"username":"bob","sub":"s"} user:bob"#)
            try client.send(##"{"event":"#authenticate","data":"user:carol","cid":2}"##)
            #expect(try await client.text() == #"{"rid":2,"data":{"isAuthenticated":true,"authError":null}}"#)
            #expect(await socket.authToken?["username"] == "carol")
            // Revocation knows these identities too.
            try await server.server.auth.revoke(.allTokens(ofSubject: "s"))
            #expect(try await client.text() == Self.removal)
            let refused = try server.client()
            #expect(try await server.handshake(refused, token: #""user:bob""#).reply.contains("jwt revoked"))
        }
    }

    /// Until the engine has answered, the client's messages wait and another client's do not.
    @Test func messagesWaitInOrder() async throws {
        let engine = Engine()
        try await Self.run(engine) { server in
            let client = try server.client()
            try client.send(
                together: TestServer.handshake(token: "gate"),
                #"{"event":"echo","data":1,"cid":2}"#,
                #"[{"event":"echo","data":2,"cid":3},{"event":"echo","data":3,"cid":4}]"#
            )
            for await _ in engine.started.stream { break }
            try await server.connected().expectNothing()
            engine.gate.continuation.yield()
            #expect(try await client.text().contains(#""isAuthenticated":true"#))
            try await client.expect(
                #"{"rid":2,"data":1}"#,
                #"{"rid":3,"data":2}"#,
                #"{"rid":4,"data":3}"#
            )
        }
    }

    /// An engine that does not answer in time cannot verify; its task is told to stop.
    @Test func hasADeadline() async throws {
        let engine = Engine()
        try await Self.run(engine) {
            $0.authEngineTimeout = 50
        } _: { server in
            let client = try server.client()
            let reply = try await server.handshake(client, token: #""never""#).reply
            #expect(
                reply.contains(#""authError":{"message":"The token cannot be verified now","name":"AuthTokenError","#)
            )
            try await client.expectNothing()
            while engine.cancelled.withLock({ $0 }) == 0 { await Task.yield() }
            #expect(await server.onLoop { $0.awaitedVerifications } == 0)
        }
    }

    @Test func isCancelledWithTheSocket() async throws {
        let engine = Engine()
        try await Self.run(engine) { server in
            let client = try server.client()
            try client.send(TestServer.handshake(token: "never"))
            for await _ in engine.started.stream { break }
            client.drop()
            await server.wait(for: "connectionAbort")
            while engine.cancelled.withLock({ $0 }) == 0 { await Task.yield() }
            #expect(await server.onLoop { $0.awaitedVerifications } == 0)
            #expect(server.server.pendingClientsCount == 0)
        }
    }

    /// Beyond the limit a newcomer is told to come back later, and keeps its token.
    @Test func waitingIsBounded() async throws {
        let engine = Engine()
        try await Self.run(engine) {
            $0.authEngineLimit = 1
        } _: { server in
            let first = try server.client()
            try first.send(TestServer.handshake(token: "never"))
            for await _ in engine.started.stream { break }
            let second = try server.client()
            try second.send(TestServer.handshake(token: "user:bob"))
            try await second.expectClose(1013, reason: "Too many tokens are waiting to be verified")
        }
    }

    /// Longer than any token: the engine is not asked.
    @Test func longTokensAreRefusedUnread() async throws {
        try await Self.run(Engine()) {
            $0.maximumTokenLength = 8
        } _: { server in
            let client = try server.client()
            let reply = try await server.handshake(client, token: #""user:much-too-long""#).reply
            #expect(reply.contains(#""name":"AuthTokenInvalidError""#))
        }
    }

    // MARK: Signing (contract §9.4)

    @Test(arguments: [true, false])
    func signs(_ awaiting: Bool) async throws {
        try await Self.run(Engine()) { server in
            let (client, socket) = try await server.pair()
            let before = server.eventNames.count
            if awaiting {
                try await socket.setAuthToken(["username": "bob"], rejectOnFailedDelivery: false)
                #expect(await socket.signedAuthToken == "user:bob")
            } else {
                try await socket.setAuthToken(["username": "bob"])
            }
            #expect(await socket.authState == .authenticated)
            #expect(try await client.text() == ##"{"event":"#setAuthToken","data":{"token":"user:bob"}}"##)
            #expect(await socket.identity == #"authenticated {"username":"bob"} user:bob"#)
            #expect(
                server.eventNames(after: before) == [
                    "authTokenSigned", "authStateChange", "authenticationStateChange", "authenticate", "authentication",
                ]
            )
        }
    }

    @Test(arguments: [true, false])
    func failsToSign(_ awaiting: Bool) async throws {
        try await Self.run(Engine()) { server in
            let (client, socket) = try await server.pair()
            if awaiting {
                await #expect(throws: AGError.self) {
                    try await socket.setAuthToken(["fail": true], rejectOnFailedDelivery: true)
                }
            } else {
                try await socket.setAuthToken(["fail": true])
            }
            try await client.expectClose(4002)
        }
    }

    /// A logout while the engine signs stands, and the token is not sent.
    @Test func signingIsOvertaken() async throws {
        let engine = Engine()
        try await Self.run(engine) { server in
            let (client, socket) = try await server.pair()
            let signing = Task {
                try await socket.setAuthToken(["gate": true, "username": "bob"], rejectOnFailedDelivery: false)
            }
            while await socket.authState != .authenticated { await Task.yield() }
            await socket.deauthenticate()
            #expect(try await client.text() == Self.removal)
            engine.gate.continuation.yield()
            try await signing.value
            try await client.expectNothing()
            #expect(await socket.identity == "unauthenticated nil nil")
        }
    }

    /// `server.auth` does the built-in part for an engine that adds to it.
    struct Wrapper: AuthEngine {
        let inner: @Sendable () -> AGAuthEngine

        func verifyToken(
            _ signedToken: String,
            _ keys: KeySet,
            options: AuthVerificationOptions
        ) async throws -> AGAuthToken {
            let token = try inner().verifyToken(signedToken, keys, options: options)
            guard token["username"] != "mallory" else { throw AuthEngineError.badToken("banned") }
            return token
        }

        func signToken(_ payload: JSONObject, _ key: SigningKey?, options: SigningOptions) async throws -> String {
            try inner().signToken(payload, key, options: options)
        }
    }

    @Test func wrapsTheBuiltInOne() async throws {
        let auth = Mutex<AGAuthEngine?>(nil)
        let holder = Holder(auth)
        try await TestServer.run {
            $0.authEngine = Wrapper(inner: { holder.value })
        } setUp: { server in
            holder.value = server.auth
        } _: { server in
            let (_, socket) = try await server.pair(token: try server.token())
            #expect(await socket.authToken?["username"] == "bob")
            let banned = try server.client()
            let token = try server.token(["username": "mallory"])
            #expect(try await server.handshake(banned, token: "\"\(token)\"").reply.contains("banned"))
            let (client, own) = try await server.pair()
            try await own.setAuthToken(["username": "carol"], rejectOnFailedDelivery: false)
            let signed = try AuthSetTokenTests.token(of: try await client.text())
            #expect(try server.server.auth.verifyToken(signed, server.server.verificationKey)["username"] == "carol")
            #expect(await own.authToken?.expiresAt != nil)
        }
    }

    private final class Holder: Sendable {
        private let storage: Mutex<AGAuthEngine?>

        init(_ storage: consuming sending Mutex<AGAuthEngine?>) { self.storage = storage }

        var value: AGAuthEngine {
            get { storage.withLock { $0! } }
            set { storage.withLock { $0 = newValue } }
        }
    }
}
