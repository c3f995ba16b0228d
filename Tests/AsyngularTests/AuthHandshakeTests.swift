import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// A token in the handshake, what the `authenticate` filter says to it, and what follows (contract §9.2).
struct HandshakeRow: Sendable, CustomTestStringConvertible {
    let name: String
    let token: String
    var verdict = AGActionVerdict.allow
    /// The answer's data behind `pingTimeout`.
    let status: String
    var isRemoved = false
    let events: [String]
    /// The socket afterwards.
    var identity = "unauthenticated nil nil"

    var testDescription: String { name }

    private static let blocked = AGError(name: "PolicyError", message: "no", properties: ["code": 7])
    private static let blockedAsBad = AGError(name: "PolicyError", message: "no", properties: ["isBadToken": true])
    private static let silent = AGError(
        name: "PolicyError",
        message: "no",
        properties: ["silent": true, "isBadToken": true]
    )
    private static let silently =
        #","authError":{"message":"The authenticate AGAction was blocked by inbound middleware","name":"#
        + #""SilentMiddlewareBlockedError","type":"inbound"},"isAuthenticated":false"#

    static let connect = ["connect", "connection"]
    static let lost = [
        "error", "warning", "badAuthToken", "badSocketAuthToken", "deauthenticate", "deauthentication",
    ]
    static let payload = #"{"username":"bob","exp":4102444800}"#
    static let valid = ForgedToken.make(payload: payload)

    static let all: [HandshakeRow] = [
        HandshakeRow(name: "none", token: "null", status: #","isAuthenticated":false"#, events: connect),
        HandshakeRow(name: "empty", token: #""""#, status: #","isAuthenticated":false"#, events: connect),
        HandshakeRow(
            name: "valid",
            token: "\"\(valid)\"",
            status: #","isAuthenticated":true"#,
            events: connect + ["authStateChange", "authenticationStateChange", "authenticate", "authentication"],
            identity: "authenticated \(payload) \(valid)"
        ),
        HandshakeRow(
            name: "expired",
            token: "\"\(ForgedToken.make(payload: #"{"exp":1767225600}"#))\"",
            status: #","authError":{"message":"jwt expired","name":"AuthTokenExpiredError","#
                + #""expiry":"2026-01-01T00:00:00.000Z","isBadToken":true},"isAuthenticated":false"#,
            isRemoved: true,
            events: lost + connect
        ),
        HandshakeRow(
            name: "malformed",
            token: #""abc""#,
            status: #","authError":{"message":"jwt malformed","name":"AuthTokenInvalidError","isBadToken":true},"#
                + #""isAuthenticated":false"#,
            isRemoved: true,
            events: lost + connect
        ),
        HandshakeRow(
            name: "wrong type",
            token: #"{"a":[1]}"#,
            status: #","authError":{"message":"Invalid token format - Token must be a string","name":"AuthTokenError","#
                + #""isBadToken":true},"isAuthenticated":false"#,
            isRemoved: true,
            events: lost + connect
        ),
        HandshakeRow(
            name: "not active",
            token: "\"\(ForgedToken.make(payload: #"{"nbf":4102444800}"#))\"",
            status: #","authError":{"message":"jwt not active","name":"AuthTokenNotBeforeError","#
                + #""date":"2100-01-01T00:00:00.000Z","isBadToken":false},"isAuthenticated":false"#,
            events: ["error", "warning"] + connect
        ),
        HandshakeRow(
            name: "blocked as bad",
            token: "\"\(valid)\"",
            verdict: .block(blockedAsBad),
            status: #","authError":{"message":"no","name":"PolicyError","isBadToken":true},"isAuthenticated":false"#,
            isRemoved: true,
            events: lost + connect
        ),
        HandshakeRow(
            name: "blocked",
            token: "\"\(valid)\"",
            verdict: .block(blocked),
            status: #","authError":{"message":"no","name":"PolicyError","code":7},"isAuthenticated":false"#,
            events: ["error", "warning"] + connect
        ),
        HandshakeRow(
            name: "blocked silently",
            token: "\"\(valid)\"",
            verdict: .blockSilently(blockedAsBad),
            status: silently,
            events: ["error", "warning"] + connect
        ),
        HandshakeRow(
            name: "blocked with a silent error",
            token: "\"\(valid)\"",
            verdict: .block(silent),
            status: silently,
            events: ["error", "warning"] + connect
        ),
    ]
}

@Suite struct AuthHandshakeTests {
    @Test(arguments: AGAuthScheduling.tested, HandshakeRow.all)
    func row(_ scheduling: AGAuthScheduling, _ row: HandshakeRow) async throws {
        try await TestServer.run(scheduling) {
            $0.actionFilter = AGActionFilter(for: [.authenticate]) { _ in row.verdict }
        } _: { server in
            let connections = server.server.listener(.connection)
            let client = try server.client()
            let before = server.eventNames.count
            let (_, reply) = try await server.handshake(client, token: row.token)
            #expect(reply == #"{"rid":1,"data":{"id":"ID","pingTimeout":20000\#(row.status)}}"#)
            if row.isRemoved { #expect(try await client.text() == ##"{"event":"#removeAuthToken"}"##) }
            try await client.expectNothing()
            #expect(server.eventNames(after: before) == row.events)
            let socket = try await connections.once(timeout: .seconds(10)).socket
            #expect(await socket.identity == row.identity)
        }
    }

    /// The events say what happened, in both emitters.
    @Test(arguments: AGAuthScheduling.tested)
    func payloadsOfARefusedToken(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let bad = server.server.listener(.badSocketAuthToken)
            let lost = server.server.listener(.deauthentication)
            let warnings = server.server.listener(.warning)
            let connections = server.server.listener(.connection)
            let client = try server.client()
            _ = try await server.handshake(client, token: #"{"a": 1}"#)
            let event = try await bad.once(timeout: .seconds(10)).payload
            #expect(event.signedAuthToken == #"{"a": 1}"#)
            #expect(event.authError == .authTokenNotString)
            #expect(try await lost.once(timeout: .seconds(10)).payload == nil)
            #expect(try await warnings.once(timeout: .seconds(10)).error == .authTokenNotString)
            let status = try await connections.once(timeout: .seconds(10)).payload
            #expect(status.authError == .authTokenNotString && !status.isAuthenticated)
        }
    }

    @Test(arguments: AGAuthScheduling.tested)
    func payloadsOfAnAcceptedToken(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let changes = server.server.listener(.authenticationStateChange)
            let accepted = server.server.listener(.authentication)
            let client = try server.client()
            _ = try await server.handshake(client, token: "\"\(HandshakeRow.valid)\"")
            let change = try await changes.once(timeout: .seconds(10)).payload
            #expect(change.oldAuthState == .unauthenticated && change.newAuthState == .authenticated)
            #expect(change.authToken?["username"] == "bob")
            #expect(try await accepted.once(timeout: .seconds(10)).payload.expiresAt == 4_102_444_800)
        }
    }

    /// While the filter decides, the socket already has the identity (contract §9.2); `handshakeSC` is asked before.
    @Test(arguments: AGAuthScheduling.tested)
    func whatTheFiltersSee(_ scheduling: AGAuthScheduling) async throws {
        let seen = Collected<String>()
        let filter = AGActionFilter(for: [.handshakeSC, .authenticate]) { action in
            let identity = action.socket!.assumeIsolated { $0.authState }
            seen.append(
                "\(action.kind) \(identity) \(action.authToken?["username"]?.stringValue ?? "-") "
                    + "\(action.authTokenError?.message ?? "-")"
            )
            return .allow
        }
        try await TestServer.run(scheduling) {
            $0.actionFilter = filter
        } _: { server in
            for token in ["null", #""abc""#, "\"\(HandshakeRow.valid)\""] {
                _ = try await server.handshake(try server.client(), token: token)
            }
            #expect(
                seen.values == [
                    "handshakeSC unauthenticated - -",
                    "handshakeSC unauthenticated - jwt malformed",
                    "handshakeSC unauthenticated bob -",
                    "authenticate authenticated bob -",
                ]
            )
        }
    }

    /// Without `middlewareEmitFailures` a block is not reported; a bad token is all the same.
    @Test(arguments: AGAuthScheduling.tested)
    func quietFilters(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) {
            $0.middlewareEmitFailures = false
            $0.actionFilter = AGActionFilter(for: [.authenticate]) { _ in .block(AGError(message: "no")) }
        } _: { server in
            var before = server.eventNames.count
            _ = try await server.handshake(try server.client(), token: "\"\(HandshakeRow.valid)\"")
            #expect(server.eventNames(after: before) == HandshakeRow.connect)
            before = server.eventNames.count
            _ = try await server.handshake(try server.client(), token: #""abc""#)
            #expect(server.eventNames(after: before) == HandshakeRow.lost + HandshakeRow.connect)
        }
    }

    /// A filter that closes the socket itself has the last word: there is no connection, and no answer.
    @Test(arguments: AGAuthScheduling.tested, [AGAction.Kind.handshakeSC, .authenticate])
    func filterDisconnects(_ scheduling: AGAuthScheduling, _ kind: AGAction.Kind) async throws {
        let filter = AGActionFilter(for: [kind]) { action in
            action.socket!.assumeIsolated { $0.disconnect(CloseCode(rawValue: 4501), reason: "go") }
            return .allow
        }
        try await TestServer.run(scheduling) {
            $0.actionFilter = filter
        } _: { server in
            let client = try server.client()
            let before = server.eventNames.count
            try client.send(##"{"event":"#handshake","data":{"authToken":"\##(HandshakeRow.valid)"},"cid":1}"##)
            #expect(await client.next() == .close(code: 4501, reason: "go"))
            #expect(
                server.eventNames(after: before) == [
                    "connectAbort", "connectionAbort", "close", "closure", "error", "warning", "end",
                ]
            )
            #expect(server.server.clientsCount == 0)
        }
    }

    /// Frames behind the handshake wait for its verification (contract §2), in one segment, in one batch, or both.
    @Test(arguments: AGAuthScheduling.tested)
    func whatFollowsWaits(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let handshake = ##"{"event":"#handshake","data":{"authToken":"\##(HandshakeRow.valid)"},"cid":1}"##
            let echo = { (number: Int) in #"{"event":"echo","data":\#(number),"cid":\#(number)}"# }
            let client = try server.client()
            var bytes = TestClient.frame(.text, Array("[\(handshake),\(echo(2)),\(echo(3))]".utf8))
            for cid in 4...8 { bytes += TestClient.frame(.text, Array(echo(cid).utf8)) }
            try client.sendRaw(bytes)
            #expect(try await client.text().contains(#""isAuthenticated":true"#))
            for cid in 2...8 { #expect(try await client.text() == #"{"rid":\#(cid),"data":\#(cid)}"#) }
        }
    }
}
