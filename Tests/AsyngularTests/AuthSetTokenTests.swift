import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// The server gives its client a token (contract §9.4).
@Suite struct AuthSetTokenTests {
    static let announced = [
        "authTokenSigned", "authStateChange", "authenticationStateChange", "authenticate", "authentication",
    ]

    /// The token of a `#setAuthToken` frame.
    static func token(of frame: String, cid: Int? = nil) throws -> String {
        let prefix = ##"{"event":"#setAuthToken",\##(cid.map { #""cid":\#($0),"# } ?? "")"data":{"token":""##
        guard frame.hasPrefix(prefix), frame.hasSuffix(#""}}"#) else { throw TestClient.Failure(message: frame) }
        return String(frame.dropFirst(prefix.count).dropLast(3))
    }

    /// The header and the claims of a token.
    static func parts(_ token: String) throws -> (header: JSONValue, claims: JSONValue) {
        let parts = try TokenInspector.inspect(Array(token.utf8))
        return (try parts.headerValue(), try parts.payloadValue())
    }

    @Test func beforeTheHandshake() async throws {
        let thrown = Collected<AGError>()
        let filter = AGActionFilter(for: [.handshakeSC]) { action in
            action.socket!.assumeIsolated { socket in
                do throws(AGError) { try socket.setAuthToken(["a": 1]) } catch { thrown.append(error) }
            }
            return .allow
        }
        try await TestServer.run {
            $0.actionFilter = filter
        } _: { server in
            let client = try server.client()
            let before = server.eventNames.count
            _ = try await server.handshake(client, token: "null")
            let error = try #require(thrown.values.first)
            #expect(
                error
                    == AGError(
                        name: "InvalidActionError",
                        message: "Cannot call setAuthToken before completing the handshake"
                    )
            )
            try await client.expectNothing()
            #expect(server.eventNames(after: before) == ["error", "warning", "connect", "connection"])
        }
    }

    @Test func tellsTheClientAndEverybody() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            let signed = socket.listener(.authTokenSigned)
            var before = server.eventNames.count
            try await socket.setAuthToken(["username": "alice"])
            let token = try Self.token(of: try await client.text())
            #expect(server.eventNames(after: before) == Self.announced)
            #expect(try await signed.once(timeout: .seconds(10)) == token)
            let claims = String(decoding: try TokenInspector.inspect(Array(token.utf8)).payload, as: UTF8.self)
            #expect(await socket.identity == "authenticated \(claims) \(token)")
            // The second one is no change of state.
            before = server.eventNames.count
            try await socket.setAuthToken(["username": "alice", "admin": true])
            _ = try Self.token(of: try await client.text())
            #expect(server.eventNames(after: before) == ["authTokenSigned", "authenticate", "authentication"])
            try await client.expectNothing()
            // What the client was given opens the next connection.
            _ = try await server.pair(token: token)
        }
    }

    // MARK: The order of answer and token

    @Test(arguments: [true, false])
    func answerOvertakesTokenInASynchronousHandler(_ endsFirst: Bool) async throws {
        try await TestServer.run { _ in
        } setUp: { server in
            server.procedure("login") { socket, request in
                if endsFirst { request.end() }
                try socket.setAuthToken(["username": "alice"])
                if !endsFirst { request.end() }
            }
        } _: { server in
            let client = try await server.connected()
            try client.send(#"{"event":"login","cid":2}"#)
            #expect(try await client.text() == #"{"rid":2}"#)
            _ = try Self.token(of: try await client.text())
        }
    }

    enum AsyncHandler: CaseIterable {
        case endFirst
        case tokenFirst
        case tokenAwaited
        case afterSuspension
    }

    private static func serve(_ socket: isolated AGServerSocket, _ handler: AsyncHandler) async throws {
        for await request in socket.procedure("login") {
            switch handler {
            case .endFirst:
                request.end()
                try socket.setAuthToken(["username": "alice"])
            case .tokenFirst:
                try socket.setAuthToken(["username": "alice"])
                request.end()
            case .tokenAwaited:
                try await socket.setAuthToken(["username": "alice"], rejectOnFailedDelivery: false)
                request.end()
            case .afterSuspension:
                await Task.yield()
                try socket.setAuthToken(["username": "alice"])
                request.end()
            }
        }
    }

    @Test(arguments: AsyncHandler.allCases)
    func answerOvertakesTokenInAnIsolatedTask(_ handler: AsyncHandler) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            let task = Task { try await Self.serve(socket, handler) }
            for cid in 2...4 {
                try client.send(#"{"event":"login","cid":\#(cid)}"#)
                #expect(try await client.text() == #"{"rid":\#(cid)}"#)
                _ = try Self.token(of: try await client.text())
            }
            task.cancel()
            _ = await task.result
        }
    }

    // MARK: rejectOnFailedDelivery

    @Test func confirmedTokenComesBeforeTheAnswer() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            let requests = socket.procedure("login")
            let task = Task {
                let request = try await requests.once(timeout: .seconds(10))
                try await socket.setAuthToken(["username": "alice"], rejectOnFailedDelivery: true)
                request.end()
            }
            try client.send(#"{"event":"login","cid":2}"#)
            _ = try Self.token(of: try await client.text(), cid: 1)
            try client.send(#"{"rid":1}"#)
            #expect(try await client.text() == #"{"rid":2}"#)
            try await task.value
        }
    }

    /// What the client answers, and the text that the server makes of it.
    @Test(arguments: [
        (
            #"{"rid":1,"error":{"message":"disk full","name":"StorageError"}}"#,
            "Failed to deliver auth token to client - disk full"
        ),
        (
            #"{"rid":1,"error":{"name":"StorageError"}}"#,
            "Failed to deliver auth token to client - Invalid error message format"
        ),
        (
            #"{"rid":1,"error":"disk full"}"#,
            "Failed to confirm delivery of auth token to client due to malformatted error response"
        ),
        (
            #"{"rid":1,"error":false}"#,
            "Failed to confirm delivery of auth token to client due to malformatted error response"
        ),
        ("", "Failed to deliver auth token to client - Event response for #setAuthToken event timed out"),
    ])
    func undeliverable(_ answer: String, _ text: String) async throws {
        try await TestServer.run {
            if answer.isEmpty { $0.ackTimeout = 30 }
        } _: { server in
            let (client, socket) = try await server.pair()
            let errors = socket.listener(.error)
            let task = Task { () -> AGError? in
                do throws(AGError) {
                    try await socket.setAuthToken(["username": "alice"], rejectOnFailedDelivery: true)
                    return nil
                } catch {
                    return error
                }
            }
            let token = try Self.token(of: try await client.text(), cid: 1)
            if !answer.isEmpty { try client.send(answer) }
            let expected = AGError(name: "AuthError", message: text)
            #expect(await task.value == expected)
            #expect(try await errors.once(timeout: .seconds(10)) == expected)
            #expect(await socket.authState == .authenticated)
            #expect(await socket.signedAuthToken == token)
        }
    }

    @Test func connectionLostBeforeConfirmation() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            let task = Task { try await socket.setAuthToken(["a": 1], rejectOnFailedDelivery: true) }
            _ = try Self.token(of: try await client.text(), cid: 1)
            client.drop()
            let error = await #expect(throws: AGError.self) { try await task.value }
            #expect(
                error?.message
                    == "Failed to deliver auth token to client - Event #setAuthToken was aborted due to a bad connection"
            )
        }
    }

    @Test func closedSocket() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            await socket.disconnect()
            _ = await client.close()
            let before = server.eventNames.count
            try await socket.setAuthToken(["a": 1])
            #expect(server.eventNames(after: before) == Self.announced + ["error", "warning"])
            let error = await #expect(throws: AGError.self) {
                try await socket.setAuthToken(["a": 1], rejectOnFailedDelivery: true)
            }
            #expect(
                error?.message
                    == "Failed to deliver auth token to client - "
                    + "Socket invoke #setAuthToken event was aborted due to a bad connection"
            )
        }
    }
}
