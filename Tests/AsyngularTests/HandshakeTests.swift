import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// Contract §4: the first packet and what comes of it.
@Suite("Handshake", .timeLimit(.minutes(2)))
struct HandshakeTests {
    @Test("The answer")
    func answer() async throws {
        try await TestServer.run {
            $0.pingTimeout = 12_345
        } _: { server in
            let client = try server.client()
            try client.send(TestServer.handshake(cid: 5))
            let answer = try JSONValue(parsing: Array(try await client.text().utf8))
            let id = try #require(answer["data"]?["id"]?.stringValue)
            #expect(id.utf8.count == 20)
            #expect(
                id.utf8.allSatisfy {
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8.contains($0)
                }
            )
            #expect(
                answer == ["rid": 5, "data": ["id": .string(id), "pingTimeout": 12_345, "isAuthenticated": false]]
            )
            #expect(server.server.clientsCount == 1)
            #expect(server.server.pendingClientsCount == 0)
            #expect(server.eventNames == ["ready", "connect", "connection"])
        }
    }

    @Test(
        "No token, in all its forms",
        arguments: [
            ##"{"event":"#handshake","cid":1}"##,
            ##"{"event":"#handshake","data":null,"cid":1}"##,
            ##"{"event":"#handshake","data":"text","cid":1}"##,
            ##"{"event":"#handshake","data":[],"cid":1}"##,
            ##"{"event":"#handshake","data":{},"cid":1}"##,
            ##"{"event":"#handshake","data":{"authToken":null},"cid":1}"##,
            ##"{"event":"#handshake","data":{"authToken":""},"cid":1}"##,
            ##"[{"event":"#handshake","data":{"authToken":null},"cid":1}]"##,
        ]
    )
    func noToken(_ packet: String) async throws {
        try await TestServer.run { server in
            let client = try server.client()
            try client.send(packet)
            let answer = try JSONValue(parsing: Array(try await client.text().utf8))
            #expect(answer["rid"] == 1)
            #expect(answer["data"]?["isAuthenticated"] == false)
            #expect(answer["data"]?["authError"] == nil)
            #expect(answer["error"] == nil)
            try await client.expectNothing()
        }
    }

    @Test(
        "Without a number as cid it closes with 4008, unanswered",
        arguments: [
            ##"{"event":"#handshake","data":{"authToken":null}}"##,
            ##"{"event":"#handshake","data":{"authToken":null},"cid":"1"}"##,
            ##"{"event":"#handshake","cid":null}"##,
        ],
        [true, false]
    )
    func malformatted(_ packet: String, isStrict: Bool) async throws {
        try await TestServer.run {
            $0.strictHandshake = isStrict
        } _: { server in
            let warnings = server.server.listener(.warning)
            let client = try server.client()
            try client.send(packet)
            try await client.expectClose(4008)
            #expect(try await warnings.once(timeout: .seconds(20)).error == .handshakeMalformatted)
            await server.wait(for: "end")
            #expect(
                server.eventNames == [
                    "ready", "error", "warning", "connectAbort", "connectionAbort", "close", "closure", "error",
                    "warning", "end",
                ]
            )
        }
    }

    @Test("Without a handshake in time it closes with 4005")
    func timeout() async throws {
        try await TestServer.run {
            $0.handshakeTimeout = 1000
        } _: { server in
            let client = try server.client()
            try await client.expectClose(4005)
            await server.wait(for: "end")
            #expect(server.eventNames.contains("connectAbort"))
            #expect(server.server.pendingClientsCount == 0)
        }
    }

    @Test("The timeout ends with the handshake", arguments: [AGAuthScheduling.inline, .offloaded])
    func timeoutCancelled(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run {
            $0.handshakeTimeout = 3000
            $0.ackTimeout = 4000
            $0.authScheduling = scheduling
        } _: { server in
            let (client, socket) = try await server.connectedPair(token: try server.token())
            await #expect(throws: AGError.responseTimeout(event: "later")) { try await socket.invoke("later") }
            try await client.expect(#"{"event":"later","cid":1}"#)
            try await client.expectNothing()
        }
    }

    static let early = [
        #"{"event":"echo","data":1,"cid":1}"#, #"{"event":"tell","data":1}"#, #"{"rid":1}"#, "text", "{}", "5", "",
        ##"{"event":"#subscribe","data":{"channel":"c"},"cid":1}"##, ##"{"event":"#publish","data":{"channel":"c"}}"##,
        ##"{"event":"#authenticate","data":"x","cid":1}"##, ##"{"event":"#removeAuthToken"}"##, "{", "[1]",
        #"[{"event":"echo","cid":1}]"#, ##"{"event":"#unsubscribe","data":"c","cid":1}"##,
    ]

    @Test("Strict: anything else before the handshake closes with 4009, unanswered", arguments: early)
    func strict(_ message: String) async throws {
        try await TestServer.run { server in
            let closures = server.server.listener(.closure)
            let client = try server.client()
            try client.send(message)
            try await client.expectClose(4009)
            // The table's text is local; the wire has no reason (contract §13).
            let local = try await closures.once(timeout: .seconds(20)).payload
            #expect(local.reason == "Server received a message before the client handshake")
            await server.wait(for: "end")
            #expect(
                server.eventNames == [
                    "ready", "connectAbort", "connectionAbort", "close", "closure", "error", "warning", "end",
                ]
            )
        }
    }

    @Test("Strict: an empty batch is ignored")
    func emptyBatch() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            try client.send("[]")
            try client.send(TestServer.handshake())
            #expect(try await client.text().hasPrefix(#"{"rid":1,"data":{"id":"#))
        }
    }

    @Test("Lenient: events and publications are processed, a subscription is refused")
    func lenient() async throws {
        try await TestServer.run {
            $0.strictHandshake = false
        } _: { server in
            let subscriber = try await server.connected()
            try subscriber.send(##"{"event":"#subscribe","data":{"channel":"c"},"cid":2}"##)
            try await subscriber.expect(#"{"rid":2}"#)

            let client = try server.client()
            try client.send(#"{"event":"echo","data":1,"cid":1}"#)
            try await client.expect(#"{"rid":1,"data":1}"#)
            try client.send(##"{"event":"#publish","data":{"channel":"c","data":2},"cid":2}"##)
            try await client.expect(#"{"rid":2}"#)
            try await subscriber.expect(##"{"event":"#publish","data":{"channel":"c","data":2}}"##)
            for message in ["raw", "{}", #"{"rid":5}"#, #"{"event":"tell"}"#, ##"{"event":"#removeAuthToken"}"##] {
                try client.send(message)
            }
            try client.send(##"{"event":"#subscribe","data":{"channel":"c"},"cid":3}"##)
            let text = "Cannot subscribe socket to a channel before it has completed the handshake"
            try await client.expect(#"{"rid":3,"error":{"message":"\#(text)","name":"InvalidActionError"}}"#)
            try client.send(TestServer.handshake(cid: 4))
            #expect(try await client.text().hasPrefix(#"{"rid":4,"data":{"id":"#))
        }
    }

    // MARK: The filter

    struct Rejection: Sendable, CustomTestStringConvertible {
        let name: String
        let verdict: AGActionVerdict
        let error: String
        let code: UInt16

        var testDescription: String { name }
    }

    static let rejections = [
        Rejection(
            name: "plain",
            verdict: .block(AGError(message: "No entry")),
            error: #"{"message":"No entry","statusCode":4008}"#,
            code: 4008
        ),
        Rejection(
            name: "with a status code",
            verdict: .block(
                AGError(name: "PolicyError", message: "account suspended", properties: ["statusCode": 4501])
            ),
            error: #"{"message":"account suspended","name":"PolicyError","statusCode":4501}"#,
            code: 4501
        ),
        Rejection(
            name: "bare string",
            verdict: .block(AGError(primitive: "go away")),
            error: #""go away""#,
            code: 1000
        ),
        Rejection(
            name: "silent",
            verdict: .blockSilently(AGError(message: "secret")),
            error: #"{"message":"The handshakeSC AGAction was blocked by handshake middleware","#
                + #""name":"SilentMiddlewareBlockedError","type":"handshake","statusCode":4008}"#,
            code: 4008
        ),
    ]

    @Test("The filter refuses: the error, then the close", arguments: rejections)
    func rejection(_ row: Rejection) async throws {
        try await TestServer.run {
            $0.actionFilter = AGActionFilter(for: [.handshakeSC]) { _ in row.verdict }
        } _: { server in
            let warnings = server.server.listener(.warning)
            let client = try server.client()
            try client.send(together: TestServer.handshake(cid: 9), #"{"event":"echo","cid":10}"#)
            try await client.expect(#"{"rid":9,"error":\#(row.error)}"#)
            try await client.expectClose(row.code)
            #expect(try await warnings.once(timeout: .seconds(20)).error == row.verdict.localError)
            await server.wait(for: "end")
            #expect(!server.eventNames.contains("connect"))
            #expect(server.eventNames.contains("connectAbort"))
            #expect(server.eventNames.filter { $0 == "error" }.count == (row.code == 1000 ? 0 : 1))
            #expect(server.server.clientsCount == 0)
        }
    }

    @Test("The filter sees every handshake, with the token or what is wrong with it")
    func filterSees() async throws {
        try await TestServer.run {
            $0.actionFilter = AGActionFilter(for: [.handshakeSC]) { action in
                let user = (try? action.authToken?.claims.value())?["username"]?.stringValue
                return .block(AGError(message: user ?? action.authTokenError?.message ?? "none"))
            }
        } _: { server in
            for (token, message) in [(nil, "none"), (try server.token(), "bob"), ("x.y", "jwt malformed")] {
                let client = try server.client()
                try client.send(TestServer.handshake(token: token))
                try await client.expect(#"{"rid":1,"error":{"message":"\#(message)","statusCode":4008}}"#)
            }
        }
    }

    @Test("A filter that closes the socket has the last word")
    func filterCloses() async throws {
        try await TestServer.run {
            $0.actionFilter = AGActionFilter(for: [.handshakeSC]) { action in
                action.socket?.assumeIsolated { $0.disconnect(CloseCode(rawValue: 4100)) }
                return .allow
            }
        } _: { server in
            let client = try server.client()
            try client.send(TestServer.handshake())
            try await client.expectClose(4100)
            await server.wait(for: "end")
            #expect(!server.eventNames.contains("connect"))
            #expect(server.server.clientsCount == 0)
        }
    }

    @Test("A connection handler may close the socket", arguments: [AGAuthScheduling.inline, .offloaded])
    func handlerCloses(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run {
            $0.authScheduling = scheduling
        } setUp: {
            $0.onConnection { $0.disconnect(CloseCode(rawValue: 4100), reason: "no") }
        } _: { server in
            let client = try server.client()
            try client.send(together: TestServer.handshake(token: try server.token()), #"{"event":"echo","cid":2}"#)
            #expect(try await client.text().hasPrefix(#"{"rid":1,"data":{"id":"#))
            try await client.expectClose(4100, reason: "no")
            await server.wait(for: "end")
            #expect(!server.eventNames.contains("authenticate"))
        }
    }
}
