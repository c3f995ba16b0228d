import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// What else may be asked of a token, over a real socket.
@Suite struct AuthPolicyTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let configure: @Sendable (inout AGServerOptions) -> Void
        let good: String
        let bad: String
        let error: String
        var header = #"{"alg":"HS256","typ":"JWT"}"#
    }

    static let rows: [Row] = [
        Row(
            testDescription: "issuer",
            configure: { $0.authIssuers = ["a", "b"] },
            good: #"{"iss":"b"}"#,
            bad: #"{"iss":"c"}"#,
            error: "AuthTokenInvalidError"
        ),
        Row(
            testDescription: "audience",
            configure: { $0.authAudiences = ["chat"] },
            good: #"{"aud":["mail","chat"]}"#,
            bad: #"{"aud":"mail"}"#,
            error: "AuthTokenInvalidError"
        ),
        Row(
            testDescription: "subject",
            configure: { $0.authSubject = "bob" },
            good: #"{"sub":"bob"}"#,
            bad: "{}",
            error: "AuthTokenInvalidError"
        ),
        Row(
            testDescription: "age",
            configure: { $0.authMaximumAge = 60 },
            good: #"{"iat":4102444800}"#,
            bad: #"{"iat":1767225600}"#,
            error: "AuthTokenExpiredError"
        ),
        Row(
            testDescription: "tolerance",
            configure: { $0.authClockTolerance = 2_000_000_000 },
            good: #"{"nbf":2500000000}"#,
            bad: #"{"nbf":9000000000}"#,
            error: "AuthTokenNotBeforeError"
        ),
    ]

    @Test(arguments: AGAuthScheduling.tested, rows)
    func isAskedFor(_ scheduling: AGAuthScheduling, _ row: Row) async throws {
        try await TestServer.run(scheduling, row.configure) { server in
            let good = try server.client()
            let token = ForgedToken.make(header: row.header, payload: row.good)
            #expect(try await server.handshake(good, token: "\"\(token)\"").reply.contains(#""isAuthenticated":true"#))
            let bad = try server.client()
            let reply = try await server.handshake(
                bad,
                token: "\"\(ForgedToken.make(header: row.header, payload: row.bad))\""
            ).reply
            #expect(reply.contains(#""name":"\#(row.error)""#))
            #expect(reply.contains(#""isAuthenticated":false"#))
        }
    }

    @Test(arguments: AGAuthScheduling.tested, [("at+jwt", true), ("JWT", false)])
    func type(_ scheduling: AGAuthScheduling, _ row: (type: String, isGood: Bool)) async throws {
        try await TestServer.run(scheduling) {
            $0.authTokenType = "at+jwt"
        } _: { server in
            let client = try server.client()
            let token = ForgedToken.make(header: #"{"alg":"HS256","typ":"\#(row.type)"}"#, payload: "{}")
            let reply = try await server.handshake(client, token: "\"\(token)\"").reply
            #expect(reply.contains(#""isAuthenticated":\#(row.isGood)"#))
        }
    }

    @Test(arguments: [
        { @Sendable (options: inout AGServerOptions) in options.authClockTolerance = -1 },
        { @Sendable (options: inout AGServerOptions) in options.authMaximumAge = 0 },
        { @Sendable (options: inout AGServerOptions) in options.authIssuers = [] },
        { @Sendable (options: inout AGServerOptions) in options.authAudiences = [] },
    ])
    func senselessOptions(_ configure: @Sendable (inout AGServerOptions) -> Void) {
        var options = AGServerOptions(authKey: TestServer.key)
        configure(&options)
        let error = #expect(throws: AGError.self) { try AGServer(options: options) }
        #expect(error?.name == "InvalidOptionsError")
    }
}
