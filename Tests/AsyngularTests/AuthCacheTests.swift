import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// Verified tokens that are remembered: what a reconnect costs, and what ends it.
@Suite struct AuthCacheTests {
    private static let accepted = #""isAuthenticated":true}}"#

    /// A server with a P-256 key.
    private func run(
        _ configure: (inout AGServerOptions) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run {
            $0.authKey = nil
            $0.authPrivateKey = AuthKeyPairTests.privateKey
            $0.authPublicKey = AuthKeyPairTests.publicKey
            $0.authAlgorithm = .ES256
            configure(&$0)
        } _: {
            try await body($0)
        }
    }

    private func sign(_ server: TestServer, _ payload: JSONObject) throws -> String {
        var options = SigningOptions()
        options.algorithm = .ES256
        return try server.server.auth.signToken(payload, server.server.signatureKey, options: options)
    }

    private func handshake(_ server: TestServer, _ token: String) async throws -> String {
        try await server.handshake(try server.client(), token: "\"\(token)\"").reply
    }

    @Test func reconnectIsALookup() async throws {
        try await run { server in
            let token = try sign(server, ["username": "bob"])
            for _ in 0..<5 { #expect(try await handshake(server, token).hasSuffix(Self.accepted)) }
            // By #authenticate too.
            let (client, socket) = try await server.pair()
            try client.send(##"{"event":"#authenticate","data":"\##(token)","cid":2}"##)
            #expect(try await client.text().contains(#""isAuthenticated":true"#))
            #expect(await socket.signedAuthToken == token)
            let statistics = await server.server.statistics().verification
            #expect(statistics.tokens == 1)
            #expect(statistics.cacheHits == 5)
            #expect(statistics.cacheMisses == 1)
            #expect(statistics.cachedTokens == 1)
            #expect(statistics.cachedBytes > token.utf8.count)
        }
    }

    /// What was refused is judged again each time.
    @Test func refusedIsNotRemembered() async throws {
        try await run { server in
            let token = try sign(server, ["username": "bob"])
            let forged = String(token.dropLast(4)) + "AAAA"
            for _ in 0..<3 { #expect(try await handshake(server, forged).contains("invalid signature")) }
            let statistics = await server.server.statistics().verification
            #expect(statistics.tokens == 3)
            #expect(statistics.cachedTokens == 0)
        }
    }

    @Test func endsWithTheToken() async throws {
        try await run { server in
            let now = WallClock.seconds()
            let token = try sign(server, ["username": "bob", "exp": .integer(now + 2)])
            var reply = try await handshake(server, token)
            #expect(reply.hasSuffix(Self.accepted))
            while WallClock.seconds() < now + 2 { try await Task.sleep(for: .milliseconds(50)) }
            reply = try await handshake(server, token)
            // The clock of a loop is read once a second.
            while reply.hasSuffix(Self.accepted) { reply = try await handshake(server, token) }
            #expect(reply.contains(#""message":"jwt expired""#))
            #expect(WallClock.seconds() <= now + 5)
        }
    }

    @Test func endsWithTheKeys() async throws {
        try await run { server in
            let token = try sign(server, ["username": "bob"])
            #expect(try await handshake(server, token).hasSuffix(Self.accepted))
            server.server.verificationKey = KeySet([try .pem(AuthKeyPairTests.otherPublicKey)])
            #expect(try await handshake(server, token).contains("invalid signature"))
            #expect(await server.server.statistics().verification.cachedTokens == 0)
        }
    }

    @Test func endsWithARevocation() async throws {
        try await run { server in
            let token = try sign(server, ["username": "bob", "jti": "1"])
            let other = try sign(server, ["username": "eve", "jti": "2"])
            for token in [token, other] { #expect(try await handshake(server, token).hasSuffix(Self.accepted)) }
            #expect(await server.server.statistics().verification.cachedTokens == 2)
            try await server.server.auth.revoke(.tokenID("1"))
            #expect(try await handshake(server, token).contains("jwt revoked"))
            #expect(try await handshake(server, other).hasSuffix(Self.accepted))
            #expect(await server.server.statistics().verification.cacheHits == 0)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let isAsymmetric: Bool
        let hits: Int
        let change: @Sendable (inout AGServerOptions) -> Void
    }

    static let rows: [Row] = [
        Row(testDescription: "P-256", isAsymmetric: true, hits: 1) { _ in },
        Row(testDescription: "P-256 inline", isAsymmetric: true, hits: 1) { $0.authScheduling = .inline },
        Row(testDescription: "P-256, never", isAsymmetric: true, hits: 0) { $0.authCaching = .never },
        Row(testDescription: "P-256, none kept", isAsymmetric: true, hits: 0) { $0.authCacheLimit = 0 },
        Row(testDescription: "secret", isAsymmetric: false, hits: 0) { _ in },
        Row(testDescription: "secret, always", isAsymmetric: false, hits: 1) { $0.authCaching = .always },
        Row(testDescription: "secret offloaded, always", isAsymmetric: false, hits: 1) {
            $0.authCaching = .always
            $0.authScheduling = .offloaded
        },
    ]

    @Test(arguments: rows)
    func whatIsRemembered(_ row: Row) async throws {
        func twice(_ server: TestServer, _ token: String) async throws {
            for _ in 0..<2 { #expect(try await handshake(server, token).hasSuffix(Self.accepted)) }
            #expect(await server.server.statistics().verification.cacheHits == row.hits)
        }
        if row.isAsymmetric {
            try await run(row.change) { try await twice($0, try sign($0, ["username": "bob"])) }
        } else {
            try await TestServer.run(row.change) { try await twice($0, HandshakeRow.valid) }
        }
    }

    @Test func limitMustNotBeNegative() {
        var options = AGServerOptions(authKey: TestServer.key)
        options.authCacheLimit = -1
        #expect(throws: AGError.invalidOptions("The authCacheLimit option must not be negative")) {
            try AGServer(options: options)
        }
    }
}
