import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// The worked transcript of contract §21, frame by frame.
@Suite struct AuthTranscriptTests {
    /// The policy and the procedures of `asyngular-server serve --demo`.
    private static let policy = AGActionFilter(for: [.subscribe, .publishIn]) { action in
        guard let channel = action.channel, channel.hasPrefix("room/") else { return .allow }
        let allowed = action.authToken?["channels"]?.arrayValue ?? []
        guard allowed.contains(.string(channel)) else {
            return .block(AGError(name: "AccessError", message: "Not allowed on \(channel)"))
        }
        return .allow
    }

    private static func installLogin(_ server: AGServer) {
        server.procedure("login") { socket, request in
            guard request.value?["username"] == "alice", request.value?["password"] == "right" else {
                throw AGError(name: "LoginError", message: "Invalid user credentials")
            }
            request.end()
            try socket.setAuthToken(["username": "alice", "channels": ["room/7"]])
        }
    }

    private static let subscribe = ##"{"event":"#subscribe","data":{"channel":"room/7","waitForAuth":true},"cid":"##
    private static let publication = ##"{"event":"#publish","data":{"channel":"room/7","data":{"text":"hi"}}}"##

    /// The next frame that is no ping; pings are answered on the way.
    private func text(_ client: TestClient) async throws -> String {
        while true {
            let text = try await client.text()
            if !text.isEmpty { return text }
            try client.send("")
        }
    }

    /// Sends a frame and checks the answers.
    private func exchange(_ client: TestClient, _ frame: String, _ answers: String...) async throws {
        try client.send(frame)
        for answer in answers { #expect(try await text(client) == answer) }
    }

    private func shake(_ client: TestClient, _ token: String, cid: Int, isAuthenticated: Bool) async throws {
        try client.send(##"{"event":"#handshake","data":{"authToken":\##(token)},"cid":\##(cid)}"##)
        let reply = try await text(client)
        let prefix = #"{"rid":\#(cid),"data":{"id":""#
        #expect(reply.hasPrefix(prefix))
        #expect(reply.dropFirst(prefix.count + 20) == #"","pingTimeout":9000,"isAuthenticated":\#(isAuthenticated)}}"#)
    }

    @Test(arguments: AGAuthScheduling.tested)
    func transcript(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) {
            // Upstream's expiry is found by the pong.
            $0.authExpiryTimer = false
            $0.pingInterval = 500
            $0.pingTimeout = 9000
            $0.actionFilter = Self.policy
        } setUp: {
            Self.installLogin($0)
        } _: { server in
            let first = try server.client()
            #expect(first.responseHead.hasPrefix("HTTP/1.1 101"))
            try await shake(first, "null", cid: 1, isAuthenticated: false)
            try await exchange(
                first,
                #"{"event":"login","data":{"username":"alice","password":"wrong"},"cid":2}"#,
                #"{"rid":2,"error":{"message":"Invalid user credentials","name":"LoginError"}}"#
            )
            try await exchange(
                first,
                #"{"event":"login","data":{"username":"alice","password":"right"},"cid":3}"#,
                #"{"rid":3}"#
            )
            let token = try AuthSetTokenTests.token(of: try await text(first))
            try await exchange(first, Self.subscribe + "4}", #"{"rid":4}"#)
            try await exchange(
                first,
                ##"{"event":"#publish","data":{"channel":"room/7","data":{"text":"hi"}},"cid":5}"##,
                Self.publication,
                #"{"rid":5}"#
            )
            try first.send(.close, [0x03, 0xE8] + Array("switching".utf8))
            #expect(await first.close() == .close(code: 1000, reason: ""))

            let connections = server.server.listener(.connection)
            let second = try server.client()
            try await shake(second, "\"\(token)\"", cid: 6, isAuthenticated: true)
            let socket = try await connections.once(timeout: .seconds(10)).socket
            try await exchange(second, Self.subscribe + "7}", #"{"rid":7}"#)
            // T1 expires meanwhile.
            await socket.run { socket in
                guard case .object(var claims)? = try? socket.authToken?.claims.value() else { return }
                claims["exp"] = 1000
                socket.authToken = AGAuthToken(claims: claims)
            }
            #expect(try await second.text() == "")
            let before = server.eventNames.count
            try second.send("")
            #expect(try await text(second) == AuthLossTests.removal)
            #expect(server.eventNames(after: before) == AuthLossTests.lost)
            #expect(await socket.isSubscribed(to: "room/7"))
            try await exchange(
                second,
                ##"{"event":"#publish","data":{"channel":"room/7","data":{"text":"late"}},"cid":8}"##,
                #"{"rid":8,"error":{"message":"Not allowed on room/7","name":"AccessError"}}"#
            )
            try second.sendClose(1000)
            #expect(await second.close() == .close(code: 1000, reason: ""))
        }
    }

    // MARK: Other single exchanges

    @Test(arguments: AGAuthScheduling.tested)
    func expiredTokenInTheHandshake(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let client = try server.client()
            let token = try server.token(["exp": .integer(Int64(ForgedToken.past))])
            let (_, reply) = try await server.handshake(client, token: "\"\(token)\"")
            #expect(
                reply
                    == #"{"rid":1,"data":{"id":"ID","pingTimeout":20000,"authError":{"message":"jwt expired","#
                    + #""name":"AuthTokenExpiredError","expiry":"2026-01-01T00:00:00.000Z","isBadToken":true},"#
                    + #""isAuthenticated":false}}"#
            )
            try await client.expect(AuthLossTests.removal)
        }
    }

    @Test(arguments: AGAuthScheduling.tested)
    func badTokenAtRunTime(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let client = try await server.connected()
            try await exchange(
                client,
                ##"{"event":"#authenticate","data":"abc","cid":2}"##,
                #"{"rid":2,"error":{"message":"jwt malformed","name":"AuthTokenInvalidError","isBadToken":true}}"#,
                AuthLossTests.removal
            )
        }
    }

    @Test(arguments: AGAuthScheduling.tested)
    func tokenNotActiveYet(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let client = try await server.connected()
            let token = try server.token(["nbf": .integer(Int64(ForgedToken.future))])
            try await exchange(
                client,
                ##"{"event":"#authenticate","data":"\##(token)","cid":2}"##,
                #"{"rid":2,"data":{"isAuthenticated":false,"authError":{"message":"jwt not active","#
                    + #""name":"AuthTokenNotBeforeError","date":"2100-01-01T00:00:00.000Z","isBadToken":false}}}"#
            )
            try await client.expectNothing()
        }
    }

    @Test func confirmedDelivery() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            let task = Task { try await socket.setAuthToken(["a": 1], rejectOnFailedDelivery: true) }
            _ = try AuthSetTokenTests.token(of: try await client.text(), cid: 1)
            try client.send(#"{"rid":1}"#)
            try await task.value
            #expect(await socket.authState == .authenticated)
        }
    }

    /// A refusal by policy, for good: with a token that is good the answer is the same, and nobody is authenticated.
    @Test(arguments: AGAuthScheduling.tested, ["null", "\"\(HandshakeRow.valid)\"", #""abc""#])
    func handshakeRefusedByPolicy(_ scheduling: AGAuthScheduling, _ token: String) async throws {
        let filter = AGActionFilter(for: [.handshakeSC, .authenticate]) { _ in
            .block(AGError(name: "PolicyError", message: "account suspended", properties: ["statusCode": 4501]))
        }
        try await TestServer.run(scheduling) {
            $0.actionFilter = filter
        } _: { server in
            let client = try server.client()
            let before = server.eventNames.count
            try await exchange(
                client,
                ##"{"event":"#handshake","data":{"authToken":\##(token)},"cid":1}"##,
                #"{"rid":1,"error":{"message":"account suspended","name":"PolicyError","statusCode":4501}}"#
            )
            #expect(await client.next() == .close(code: 4501, reason: ""))
            #expect(
                server.eventNames(after: before) == [
                    "warning", "connectAbort", "connectionAbort", "close", "closure", "error", "warning", "end",
                ]
            )
        }
    }
}
