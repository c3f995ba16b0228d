import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// How a socket loses its identity (contract §9.5).
@Suite struct AuthLossTests {
    static let removal = ##"{"event":"#removeAuthToken"}"##
    static let lost = ["authStateChange", "authenticationStateChange", "deauthenticate", "deauthentication"]

    /// As upstream: only messages and pongs look at the clock.
    private static func lazily(_ options: inout AGServerOptions) {
        options.authExpiryTimer = false
    }

    /// A client that was given a token which has expired already.
    private func expired(_ server: TestServer) async throws -> (client: TestClient, socket: AGServerSocket) {
        let (client, socket) = try await server.pair()
        try await socket.setAuthToken(["username": "bob", "exp": 1000])
        _ = try AuthSetTokenTests.token(of: try await client.text())
        return (client, socket)
    }

    // MARK: Expiry

    @Test func onAPong() async throws {
        try await TestServer.run(Self.lazily) { server in
            let (client, socket) = try await expired(server)
            let losses = socket.listener(.deauthenticate)
            let before = server.eventNames.count
            try client.send("")
            #expect(try await client.text() == Self.removal)
            #expect(server.eventNames(after: before) == Self.lost)
            #expect(try await losses.once(timeout: .seconds(10))?["username"] == "bob")
            #expect(await socket.identity == "unauthenticated nil nil")
            // Once: the next pong finds nothing.
            try client.send("")
            try await client.expectNothing()
        }
    }

    struct Inbound: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let packet: String
        let answer: String?
        var kind: AGAction.Kind?
    }

    /// The answer may precede `#removeAuthToken`; here it always does.
    @Test(arguments: [
        Inbound(
            testDescription: "invoke",
            packet: #"{"event":"echo","data":1,"cid":2}"#,
            answer: #"{"rid":2,"data":1}"#,
            kind: .invoke
        ),
        Inbound(testDescription: "transmit", packet: #"{"event":"note"}"#, answer: nil, kind: .transmit),
        Inbound(
            testDescription: "subscribe",
            packet: ##"{"event":"#subscribe","data":{"channel":"c"},"cid":2}"##,
            answer: #"{"rid":2}"#,
            kind: .subscribe
        ),
        Inbound(
            testDescription: "publish",
            packet: ##"{"event":"#publish","data":{"channel":"c"},"cid":2}"##,
            answer: #"{"rid":2}"#,
            kind: .publishIn
        ),
        Inbound(
            testDescription: "publish without cid",
            packet: ##"{"event":"#publish","data":{"channel":"c"}}"##,
            answer: nil,
            kind: .publishIn
        ),
        Inbound(
            testDescription: "unsubscribe",
            packet: ##"{"event":"#unsubscribe","data":5,"cid":2}"##,
            answer: ##"{"rid":2,"error":{"message":"Unsubscribe channel name was malformatted","##
                + #""name":"InvalidActionError"}}"#
        ),
    ])
    func onAnInboundEvent(_ row: Inbound) async throws {
        let seen = Collected<AGAction>()
        let filter = AGActionFilter(for: [.invoke, .transmit, .subscribe, .publishIn]) { action in
            seen.append(action)
            return .allow
        }
        try await TestServer.run {
            Self.lazily(&$0)
            $0.actionFilter = filter
        } _: { server in
            let (client, socket) = try await expired(server)
            let before = server.eventNames.count
            try client.send(row.packet)
            if let answer = row.answer { #expect(try await client.text() == answer) }
            #expect(try await client.text() == Self.removal)
            #expect(server.eventNames(after: before).starts(with: Self.lost))
            #expect(await socket.identity == "unauthenticated nil nil")
            let action = seen.values.first
            #expect(action?.kind == row.kind)
            guard let action else { return }
            #expect(action.authToken == nil)
            #expect(
                action.authTokenExpiredError.map { String(decoding: $0.serialized(), as: UTF8.self) }
                    == #"{"message":"The socket auth token has expired","name":"AuthTokenExpiredError","expiry":1000}"#
            )
            // The next action is told of nothing.
            try await client.expectNothing()
            #expect(seen.values.last?.authTokenExpiredError == nil)
        }
    }

    /// The filter decides about the message of an expired peer, and it sees no identity.
    @Test func filterBlocksTheExpired() async throws {
        let filter = AGActionFilter(for: [.invoke]) { action in
            if let error = action.authTokenExpiredError { .block(error) } else { .allow }
        }
        try await TestServer.run {
            Self.lazily(&$0)
            $0.actionFilter = filter
        } _: { server in
            let (client, _) = try await expired(server)
            try client.send(#"{"event":"echo","data":1,"cid":2}"#)
            #expect(
                try await client.text()
                    == #"{"rid":2,"error":{"message":"The socket auth token has expired","#
                    + #""name":"AuthTokenExpiredError","expiry":1000}}"#
            )
            #expect(try await client.text() == Self.removal)
        }
    }

    /// Answers and raw messages do not look at the clock.
    @Test(arguments: [#"{"rid":77}"#, "hello", "[]"])
    func notOnOtherMessages(_ message: String) async throws {
        try await TestServer.run(Self.lazily) { server in
            let (client, socket) = try await expired(server)
            let raw = socket.listener(.raw)
            try client.send(message)
            try client.send("raw")
            var texts: [String] = []
            while texts.last != "raw" {
                texts.append(String(decoding: try await raw.once(timeout: .seconds(10)).bytes, as: UTF8.self))
            }
            #expect(await socket.authState == .authenticated)
        }
    }

    /// `#authenticate` replaces an expired token without a word about it; `#removeAuthToken` needs no clock.
    @Test(arguments: AGAuthScheduling.tested)
    func notOnAuthenticate(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling, Self.lazily) { server in
            let (client, _) = try await expired(server)
            let before = server.eventNames.count
            try client.send(##"{"event":"#authenticate","data":"\##(AuthenticateRow.valid)","cid":2}"##)
            #expect(try await client.text() == #"{"rid":2,"data":{"isAuthenticated":true,"authError":null}}"#)
            try await client.expectNothing()
            #expect(server.eventNames(after: before) == ["authenticate", "authentication"])
        }
    }

    /// A running socket has its token for the very millisecond of `exp`; a verifier refuses that second already.
    @Test func strictlyAfterExpiry() async throws {
        try await TestServer.run { server in
            let (_, socket) = try await server.pair()
            try await socket.setAuthToken(["exp": 4_102_444_800.25])
            let error = await socket.run { socket in
                #expect(socket.expireAuthToken(at: 4_102_444_800_249) == nil)
                #expect(socket.expireAuthToken(at: 4_102_444_800_250) == nil)
                #expect(socket.authState == .authenticated)
                return socket.expireAuthToken(at: 4_102_444_800_251)
            }
            #expect(error?.properties["expiry"] == .number(4_102_444_800.25))
            #expect(await socket.authState == .unauthenticated)
        }
    }

    /// What verification refuses: the second itself.
    @Test(arguments: [(-1, "expired"), (0, "expired"), (1, "good")])
    func verificationAtExpiry(_ distance: Int64, _ outcome: String) throws {
        let token = Array(ForgedToken.make(payload: #"{"exp":1000}"#).utf8)
        let keys = KeySet([.hmac(secret: Array(TestServer.key.utf8))])
        let result = Result { try TokenVerifier().verify(token, keys: keys, now: 1000 - distance) }
        #expect((outcome == "good") == ((try? result.get()) != nil))
    }

    // MARK: The client's own #removeAuthToken

    @Test(arguments: AGAuthScheduling.tested, ["", #","cid":2"#, #","data":null"#])
    func byTheClient(_ scheduling: AGAuthScheduling, _ rest: String) async throws {
        try await TestServer.run(scheduling) { server in
            let (client, socket) = try await server.pair(token: HandshakeRow.valid)
            let losses = socket.listener(.deauthenticate)
            var before = server.eventNames.count
            try client.send(##"{"event":"#removeAuthToken"\##(rest)}"##)
            try await client.expectNothing()
            #expect(server.eventNames(after: before) == Self.lost)
            #expect(try await losses.once(timeout: .seconds(10))?["username"] == "bob")
            #expect(await socket.identity == "unauthenticated nil nil")
            // From nobody, it changes nothing and is told all the same.
            before = server.eventNames.count
            try client.send(##"{"event":"#removeAuthToken"\##(rest)}"##)
            try await client.expectNothing()
            #expect(server.eventNames(after: before) == ["deauthenticate", "deauthentication"])
        }
    }

    // MARK: The server's deauthenticate()

    @Test func byTheServer() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair(token: HandshakeRow.valid)
            var before = server.eventNames.count
            await socket.deauthenticate()
            #expect(try await client.text() == Self.removal)
            #expect(server.eventNames(after: before) == Self.lost)
            #expect(await socket.identity == "unauthenticated nil nil")
            before = server.eventNames.count
            await socket.deauthenticate()
            #expect(try await client.text() == Self.removal)
            #expect(server.eventNames(after: before) == ["deauthenticate", "deauthentication"])
        }
    }

    @Test(arguments: [
        (#"{"rid":1}"#, nil as AGError?),
        (
            #"{"rid":1,"error":{"message":"locked","name":"StorageError"}}"#,
            AGError(name: "StorageError", message: "locked")
        ),
        (#"{"rid":1,"error":"locked"}"#, AGError(primitive: "locked")),
        ("", AGError(name: "TimeoutError", message: "Event response for #removeAuthToken event timed out")),
    ])
    func confirmed(_ answer: String, _ expected: AGError?) async throws {
        try await TestServer.run {
            if answer.isEmpty { $0.ackTimeout = 30 }
        } _: { server in
            let (client, socket) = try await server.pair(token: HandshakeRow.valid)
            let before = server.eventNames.count
            let task = Task { () -> AGError? in
                do throws(AGError) {
                    try await socket.deauthenticate(rejectOnFailedDelivery: true)
                    return nil
                } catch {
                    return error
                }
            }
            #expect(try await client.text() == ##"{"event":"#removeAuthToken","cid":1}"##)
            if !answer.isEmpty { try client.send(answer) }
            #expect(await task.value == expected)
            #expect(server.eventNames(after: before) == Self.lost + (expected == nil ? [] : ["error", "warning"]))
            #expect(await socket.authState == .unauthenticated)
        }
    }

    /// Nothing can be sent on a socket that is not open, least of all before the answer to its handshake.
    @Test func beforeTheHandshake() async throws {
        let filter = AGActionFilter(for: [.handshakeSC]) { action in
            action.socket!.assumeIsolated { $0.deauthenticate() }
            return .allow
        }
        try await TestServer.run {
            $0.actionFilter = filter
        } _: { server in
            let client = try server.client()
            let before = server.eventNames.count
            _ = try await server.handshake(client, token: "null")
            try await client.expectNothing()
            #expect(
                server.eventNames(after: before) == [
                    "deauthenticate", "deauthentication", "error", "warning", "connect", "connection",
                ]
            )
        }
    }

    // MARK: What stays

    enum Loss: CaseIterable {
        case client
        case server
        case expiry
        case badToken
    }

    @Test(arguments: AGAuthScheduling.tested, Loss.allCases)
    func subscriptionsSurvive(_ scheduling: AGAuthScheduling, _ loss: Loss) async throws {
        try await TestServer.run(scheduling) { server in
            let (client, socket) = try await server.pair(token: HandshakeRow.valid)
            try client.send(##"{"event":"#subscribe","data":{"channel":"c"},"cid":2}"##)
            #expect(try await client.text() == #"{"rid":2}"#)
            switch loss {
            case .client: try client.send(##"{"event":"#removeAuthToken"}"##)
            case .server: await socket.deauthenticate()
            case .expiry:
                try await socket.setAuthToken(["exp": 1000])
                _ = try AuthSetTokenTests.token(of: try await client.text())
                try client.send("")
            case .badToken:
                try client.send(##"{"event":"#authenticate","data":"abc","cid":3}"##)
                #expect(try await client.text().hasPrefix(#"{"rid":3,"error":"#))
            }
            if loss != .client { #expect(try await client.text() == Self.removal) }
            try client.send(##"{"event":"#publish","data":{"channel":"c","data":"hi"},"cid":4}"##)
            let frames = [try await client.text(), try await client.text()]
            #expect(frames.sorted() == [##"{"event":"#publish","data":{"channel":"c","data":"hi"}}"##, #"{"rid":4}"#])
            #expect(await socket.authState == .unauthenticated)
        }
    }
}
