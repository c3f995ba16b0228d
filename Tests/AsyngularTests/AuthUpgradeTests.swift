import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing
import WebSocket

@testable import Asyngular

/// Tokens that come with the upgrade, over real sockets.
@Suite struct AuthUpgradeTests {
    enum Place: CaseIterable {
        case bearer
        case cookie
        case subprotocol

        var source: AGUpgradeTokenSource {
            switch self {
            case .bearer: .authorizationHeader
            case .cookie: .cookie("session")
            case .subprotocol: .subprotocol(prefix: "bearer.")
            }
        }

        func fields(_ token: String) -> [String] {
            switch self {
            case .bearer: ["Authorization: Bearer \(token)"]
            case .cookie: ["Cookie: theme=dark; session=\(token)", "Origin: http://app.test:81"]
            case .subprotocol: ["Sec-WebSocket-Protocol: asyngular, bearer.\(token)"]
            }
        }
    }

    private static func run(
        _ scheduling: AGAuthScheduling = .inline,
        _ place: Place = .bearer,
        _ configure: (inout AGServerOptions) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run(
            scheduling,
            {
                $0.authUpgradeTokens = [place.source]
                if place == .cookie { $0.origins = "app.test:*" }
                configure(&$0)
            },
            body
        )
    }

    private static let valid = ForgedToken.make(payload: #"{"username":"bob","sub":"bob","exp":4102444800}"#)

    @Test(arguments: AGAuthScheduling.tested, Place.allCases)
    func authenticates(_ scheduling: AGAuthScheduling, _ place: Place) async throws {
        try await Self.run(scheduling, place) { server in
            let connections = server.server.listener(.connection)
            let client = try server.client(headers: place.fields(Self.valid))
            #expect(client.responseHead.hasPrefix("HTTP/1.1 101"))
            #expect(!client.responseHead.contains(Self.valid))
            if place == .subprotocol { #expect(client.responseHead.contains("Sec-WebSocket-Protocol: asyngular")) }
            let reply = try await server.handshake(client, token: "null").reply
            #expect(reply == #"{"rid":1,"data":{"id":"ID","pingTimeout":20000,"isAuthenticated":true}}"#)
            try await client.expectNothing()
            let socket = try await connections.once(timeout: .seconds(10)).socket
            #expect(await socket.authToken?["username"] == "bob")
            #expect(await socket.signedAuthToken == Self.valid)
            #expect(
                server.eventNames == [
                    "ready", "connect", "connection", "authStateChange", "authenticationStateChange", "authenticate",
                    "authentication",
                ]
            )
        }
    }

    /// The handshake's own token counts more, good or bad.
    @Test(arguments: AGAuthScheduling.tested, [true, false])
    func handshakeTokenWins(_ scheduling: AGAuthScheduling, _ isGood: Bool) async throws {
        try await Self.run(scheduling) { server in
            let client = try server.client(headers: Place.bearer.fields(Self.valid))
            let own = ForgedToken.make(payload: #"{"username":"carol"}"#, key: isGood ? TestServer.key : "other")
            let (id, reply) = try await server.handshake(client, token: "\"\(own)\"")
            #expect(reply.contains(#""isAuthenticated":\#(isGood)"#))
            #expect(reply.contains("invalid signature") == !isGood)
            let name = await server.onLoop(0) { context in
                context.openSockets.values.first { $0.id == id }?.assumeIsolated { $0.authToken?["username"] }
            }
            #expect(name == (isGood ? "carol" : nil))
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let token: String
        let body: String
    }

    @Test(
        arguments: AGAuthScheduling.tested,
        [
            Refusal(testDescription: "malformed", token: "abc", body: "jwt malformed"),
            Refusal(
                testDescription: "forged",
                token: ForgedToken.make(payload: "{}", key: "other"),
                body: "invalid signature"
            ),
            Refusal(testDescription: "expired", token: ForgedToken.make(payload: #"{"exp":1}"#), body: "jwt expired"),
            Refusal(
                testDescription: "not active",
                token: ForgedToken.make(payload: #"{"nbf":4102444800}"#),
                body: "jwt not active"
            ),
        ]
    )
    func badTokensAreRefused(_ scheduling: AGAuthScheduling, _ row: Refusal) async throws {
        try await Self.run(scheduling) { server in
            let request = HTTPAnswer.request(more: Place.bearer.fields(row.token))
            let answer = HTTPAnswer(try TestClient.http(port: server.port, request))
            #expect(answer.status == 401)
            #expect(answer.body == row.body)
            #expect(answer.headers["www-authenticate"] == #"Bearer error="invalid_token""#)
            #expect(answer.headers["connection"] == "close")
            #expect(server.eventNames == ["ready", "warning"])
            #expect(server.server.pendingClientsCount == 0)
            // Without a token the door is as open as ever.
            try await server.connected().expectNothing()
        }
    }

    @Test func revokedIsRefused() async throws {
        try await Self.run { server in
            try await server.server.auth.revoke(.allTokens(ofSubject: "bob"))
            let request = HTTPAnswer.request(more: Place.bearer.fields(Self.valid))
            let answer = HTTPAnswer(try TestClient.http(port: server.port, request))
            #expect(answer.status == 401)
            #expect(answer.body == "jwt revoked")
        }
    }

    /// Revoked, or expired, between upgrade and handshake.
    @Test(arguments: [true, false])
    func judgedAgainAtTheHandshake(_ isRevoked: Bool) async throws {
        try await Self.run { server in
            let soon = Double(WallClock.seconds() + 2)
            let token = try server.token(["sub": "bob", "exp": .number(soon)])
            let client = try server.client(headers: Place.bearer.fields(token))
            if isRevoked {
                try await server.server.auth.revoke(.allTokens(ofSubject: "bob"))
            } else {
                while Double(WallClock.milliseconds()) < soon * 1000 { try await Task.sleep(for: .milliseconds(20)) }
            }
            let reply = try await server.handshake(client, token: "null").reply
            #expect(reply.contains(#""message":"jwt \#(isRevoked ? "revoked" : "expired")""#))
            #expect(try await client.text() == ##"{"event":"#removeAuthToken"}"##)
        }
    }

    /// What the client sent behind its upgrade waits for the verdict.
    @Test func inputIsHeld() async throws {
        try await Self.run(.offloaded) { server in
            let gate = KeyGate(server.server)
            let raw = try RawClient(port: server.port)
            let echo = TestClient.frame(.text, Array(#"{"event":"echo","data":1,"cid":2}"#.utf8))
            let handshake = TestClient.frame(.text, Array(TestServer.handshake().utf8))
            let request = HTTPAnswer.request(more: Place.bearer.fields(Self.valid))
            try raw.send(Array(request.utf8) + handshake)
            while await server.onLoop(0, { _ in server.server.pool?.counters.snapshot.tokens ?? 0 }) == 0 {
                await Task.yield()
            }
            try raw.send(echo)
            gate.open()
            await server.wait(for: "authentication")
            raw.halfClose()
            let answers = String(decoding: raw.readAll(), as: UTF8.self)
            #expect(answers.hasPrefix("HTTP/1.1 101"))
            #expect(answers.contains(#""isAuthenticated":true"#))
            #expect(answers.contains(#"{"rid":2,"data":1}"#))
        }
    }

    /// A client that goes while its token is judged leaves nothing behind.
    @Test func isAbandoned() async throws {
        let engine = AuthEngineTests.UpgradeEngine()
        try await Self.run {
            $0.authEngine = engine
        } _: { server in
            let raw = try RawClient(port: server.port)
            try raw.send(HTTPAnswer.request(more: Place.bearer.fields("never")))
            for await _ in engine.started.stream { break }
            raw.halfClose()
            for await _ in engine.cancelled.stream { break }
            #expect(raw.readAll() == [])
            #expect(await server.onLoop(0) { $0.awaitedVerifications } == 0)
            #expect(server.server.pendingClientsCount == 0)
            try await server.connected().expectNothing()
        }
    }

    /// An engine that is down or does not answer costs nobody a token.
    @Test(arguments: ["down", "never"])
    func unavailable(_ token: String) async throws {
        let engine = AuthEngineTests.UpgradeEngine()
        try await Self.run {
            $0.authEngine = engine
            $0.authEngineTimeout = 50
        } _: { server in
            let request = HTTPAnswer.request(more: Place.bearer.fields(token))
            let answer = HTTPAnswer(try TestClient.http(port: server.port, request))
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "1")
        }
    }

    /// The socket of a refused upgrade is released.
    @Test func nothingLeaks() async throws {
        let engine = AuthEngineTests.UpgradeEngine()
        try await Self.run {
            $0.authEngine = engine
        } _: { server in
            let request = HTTPAnswer.request(more: Place.bearer.fields("down"))
            let answer = HTTPAnswer(try TestClient.http(port: server.port, request))
            #expect(answer.status == 503)
            while engine.hasSocket { await Task.yield() }
            #expect(await server.onLoop(0) { $0.httpConnections.count + $0.pendingSockets.count } == 0)
        }
    }

    // MARK: Options

    @Test(arguments: [
        (AGUpgradeTokenSource.cookie("sid"), "*:*", false), (.cookie("sid"), "a.test:80, *:*", false),
        (.cookie("sid"), "a.test:*", true), (.cookie(""), "a.test:*", false), (.subprotocol(prefix: ""), "*:*", false),
        (.subprotocol(prefix: "b."), "*:*", true), (.authorizationHeader, "*:*", true),
    ])
    func options(_ source: AGUpgradeTokenSource, _ origins: String, _ isGood: Bool) {
        var options = AGServerOptions(authKey: TestServer.key)
        options.authUpgradeTokens = [source]
        options.origins = origins
        if isGood {
            #expect(throws: Never.self) { try AGServer(options: options) }
        } else {
            let error = #expect(throws: AGError.self) { try AGServer(options: options) }
            #expect(error?.name == "InvalidOptionsError")
            #expect(error?.message.contains("authUpgradeTokens") == true)
        }
    }
}
