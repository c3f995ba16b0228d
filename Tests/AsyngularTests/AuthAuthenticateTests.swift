import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// A token given by `#authenticate` and what follows (contract §9.3).
struct AuthenticateRow: Sendable, CustomTestStringConvertible {
    enum Outcome: Sendable {
        case accepted
        /// `{rid,error}` and `#removeAuthToken`.
        case bad
        /// `{rid,data:{isAuthenticated:false,authError}}`.
        case refused
    }

    let name: String
    /// The packet's `data` member, or nothing.
    let data: String
    var verdict = AGActionVerdict.allow
    let outcome: Outcome
    /// The error's JSON.
    var error = "null"
    /// Whether a token was presented at all; if not, there is no error to report.
    var isPresented = true

    var testDescription: String { name }

    static let payload = #"{"username":"carol","exp":4102444800}"#
    static let valid = ForgedToken.make(payload: payload)
    private static let blockedAsBad = AGError(name: "PolicyError", message: "no", properties: ["isBadToken": true])

    static let all: [AuthenticateRow] = [
        AuthenticateRow(name: "valid", data: #","data":"\#(valid)""#, outcome: .accepted),
        AuthenticateRow(
            name: "expired",
            data: #","data":"\#(ForgedToken.make(payload: #"{"exp":1767225600}"#))""#,
            outcome: .bad,
            error: #"{"message":"jwt expired","name":"AuthTokenExpiredError","expiry":"2026-01-01T00:00:00.000Z","#
                + #""isBadToken":true}"#
        ),
        AuthenticateRow(
            name: "malformed",
            data: #","data":"abc""#,
            outcome: .bad,
            error: #"{"message":"jwt malformed","name":"AuthTokenInvalidError","isBadToken":true}"#
        ),
        AuthenticateRow(
            name: "wrong type",
            data: #","data":17"#,
            outcome: .bad,
            error: #"{"message":"Invalid token format - Token must be a string","name":"AuthTokenError","#
                + #""isBadToken":true}"#
        ),
        AuthenticateRow(
            name: "null",
            data: #","data":null"#,
            outcome: .bad,
            error: #"{"message":"jwt must be provided","name":"AuthTokenInvalidError","isBadToken":true}"#,
            isPresented: false
        ),
        AuthenticateRow(
            name: "missing",
            data: "",
            outcome: .bad,
            error: #"{"message":"jwt must be provided","name":"AuthTokenInvalidError","isBadToken":true}"#,
            isPresented: false
        ),
        AuthenticateRow(
            name: "not active",
            data: #","data":"\#(ForgedToken.make(payload: #"{"nbf":4102444800}"#))""#,
            outcome: .refused,
            error: #"{"message":"jwt not active","name":"AuthTokenNotBeforeError","date":"2100-01-01T00:00:00.000Z","#
                + #""isBadToken":false}"#
        ),
        AuthenticateRow(
            name: "blocked as bad",
            data: #","data":"\#(valid)""#,
            verdict: .block(blockedAsBad),
            outcome: .bad,
            error: #"{"message":"no","name":"PolicyError","isBadToken":true}"#
        ),
        AuthenticateRow(
            name: "blocked",
            data: #","data":"\#(valid)""#,
            verdict: .block(AGError(name: "PolicyError", message: "no")),
            outcome: .refused,
            error: #"{"message":"no","name":"PolicyError"}"#
        ),
        AuthenticateRow(
            name: "blocked silently",
            data: #","data":"\#(valid)""#,
            verdict: .blockSilently(blockedAsBad),
            outcome: .refused,
            error: #"{"message":"The authenticate AGAction was blocked by inbound middleware","name":"#
                + #""SilentMiddlewareBlockedError","type":"inbound"}"#
        ),
    ]

    var reply: String {
        switch outcome {
        case .accepted: #"{"rid":2,"data":{"isAuthenticated":true,"authError":null}}"#
        case .bad: #"{"rid":2,"error":\#(error)}"#
        case .refused: #"{"rid":2,"data":{"isAuthenticated":false,"authError":\#(error)}}"#
        }
    }

    func events(wasAuthenticated: Bool) -> [String] {
        let change = ["authStateChange", "authenticationStateChange"]
        let lost = ["deauthenticate", "deauthentication"]
        switch outcome {
        case .accepted: return (wasAuthenticated ? [] : change) + ["authenticate", "authentication"]
        case .bad:
            return (isPresented ? ["error", "warning", "badAuthToken", "badSocketAuthToken"] : [])
                + (wasAuthenticated ? change : []) + lost
        case .refused: return ["error", "warning"] + (wasAuthenticated ? change + lost : [])
        }
    }
}

@Suite struct AuthAuthenticateTests {
    @Test(arguments: AGAuthScheduling.tested, AuthenticateRow.all)
    func onAnUnauthenticatedSocket(_ scheduling: AGAuthScheduling, _ row: AuthenticateRow) async throws {
        try await check(scheduling, row, token: nil)
    }

    /// Contract §20.8: the lost identity is told, and nothing of it stays.
    @Test(arguments: AGAuthScheduling.tested, AuthenticateRow.all)
    func onAnAuthenticatedSocket(_ scheduling: AGAuthScheduling, _ row: AuthenticateRow) async throws {
        try await check(scheduling, row, token: HandshakeRow.valid)
    }

    private func check(_ scheduling: AGAuthScheduling, _ row: AuthenticateRow, token: String?) async throws {
        let filter = AGActionFilter(for: [.authenticate]) { action in
            // The token of the handshake passes.
            action.authToken?["username"] == "bob" ? .allow : row.verdict
        }
        try await TestServer.run(scheduling) {
            $0.actionFilter = filter
        } _: { server in
            let (client, socket) = try await server.pair(token: token)
            let losses = socket.listener(.deauthenticate)
            let changes = socket.listener(.authStateChange)
            let before = server.eventNames.count
            try client.send(##"{"event":"#authenticate"\##(row.data),"cid":2}"##)
            #expect(try await client.text() == row.reply)
            if row.outcome == .bad { #expect(try await client.text() == ##"{"event":"#removeAuthToken"}"##) }
            try await client.expectNothing()
            #expect(server.eventNames(after: before) == row.events(wasAuthenticated: token != nil))
            let identity =
                row.outcome == .accepted
                ? "authenticated \(AuthenticateRow.payload) \(AuthenticateRow.valid)" : "unauthenticated nil nil"
            #expect(await socket.identity == identity)
            if token != nil, row.outcome != .accepted {
                #expect(try await losses.once(timeout: .seconds(10))?["username"] == "bob")
                let change = try await changes.once(timeout: .seconds(10))
                #expect(change.oldAuthState == .authenticated && change.newAuthState == .unauthenticated)
                #expect(change.authToken == nil)
            }
        }
    }

    /// Contract §5, §18: without a numeric cid there is no answering; the socket closes.
    @Test(arguments: AGAuthScheduling.tested, ["", #","cid":"1""#, #","cid":null"#])
    func malformatted(_ scheduling: AGAuthScheduling, _ cid: String) async throws {
        try await TestServer.run(scheduling) { server in
            let (client, socket) = try await server.pair()
            let errors = socket.listener(.error)
            try client.send(##"{"event":"#authenticate","data":"\##(AuthenticateRow.valid)"\##(cid)}"##)
            #expect(await client.next() == .close(code: 4008, reason: ""))
            #expect(try await errors.once(timeout: .seconds(10)) == .authenticateMalformatted)
            #expect(await socket.authState == .unauthenticated)
        }
    }

    /// One after the other, in order, each judged by itself, with calls in between answered in their places.
    @Test(arguments: AGAuthScheduling.tested)
    func manyInOneBatch(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let (client, socket) = try await server.pair()
            var packets: [String] = []
            for cid in stride(from: 2, to: 40, by: 2) {
                let token = cid % 4 == 0 ? "abc" : AuthenticateRow.valid
                packets.append(##"{"event":"#authenticate","data":"\##(token)","cid":\##(cid)}"##)
                packets.append(#"{"event":"echo","data":1,"cid":\#(cid + 1)}"#)
            }
            try client.send("[\(packets.joined(separator: ","))]")
            var replies: [String] = []
            while replies.count < packets.count {
                let text = try await client.text()
                if text != ##"{"event":"#removeAuthToken"}"## { replies.append(text) }
            }
            for (index, reply) in replies.enumerated() { #expect(reply.hasPrefix(#"{"rid":\#(index + 2),"#)) }
            #expect(await socket.authState == .authenticated)
        }
    }

    /// A filter that closes the socket: no answer, and nobody is authenticated.
    @Test(arguments: AGAuthScheduling.tested)
    func filterDisconnects(_ scheduling: AGAuthScheduling) async throws {
        let filter = AGActionFilter(for: [.authenticate]) { action in
            action.socket!.assumeIsolated { $0.disconnect(CloseCode(rawValue: 4501)) }
            return .allow
        }
        try await TestServer.run(scheduling) {
            $0.actionFilter = filter
        } _: { server in
            let (client, socket) = try await server.pair()
            let before = server.eventNames.count
            try client.send(##"{"event":"#authenticate","data":"\##(AuthenticateRow.valid)","cid":2}"##)
            #expect(await client.next() == .close(code: 4501, reason: ""))
            #expect(!server.eventNames(after: before).contains("authenticate"))
            #expect(await socket.identity == "unauthenticated nil nil")
        }
    }
}
