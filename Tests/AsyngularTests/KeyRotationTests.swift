import JSONWebToken
import StrictJSON
import Testing

@testable import Asyngular

/// Keys are replaced under live sockets: nobody is dropped, old tokens are good until their key is retired, and new ones
/// name the new key.
@Suite struct KeyRotationTests {
    /// What the keys are before, during and after a rotation.
    enum Stage: CaseIterable {
        case old
        case both
        case new

        var ring: AGKeyRing {
            switch self {
            case .old: AGKeyRing(signature: TestKey.old)
            case .both:
                AGKeyRing(
                    signature: TestKey.new,
                    verification: [TestKey.old.verificationKey, TestKey.new.verificationKey]
                )
            case .new: AGKeyRing(signature: TestKey.new)
            }
        }

        /// The same as a file.
        var set: String {
            switch self {
            case .old: TestKey.set(TestKey.privateJWK(TestKey.old))
            case .both: TestKey.set(TestKey.publicJWK(TestKey.old), TestKey.privateJWK(TestKey.new))
            case .new: TestKey.set(TestKey.privateJWK(TestKey.new))
            }
        }
    }

    @Test(arguments: AGAuthScheduling.tested)
    func byReplaceKeys(_ scheduling: AGAuthScheduling) async throws {
        try await Self.rotate(scheduling) {
            $0.authKeys = Stage.old.ring
        } to: { server, stage in
            try server.server.replaceKeys(stage.ring)
        }
    }

    @Test(arguments: AGAuthScheduling.tested)
    func byFile(_ scheduling: AGAuthScheduling) async throws {
        let folder = KeyFolder()
        folder.write("keys.json", Stage.old.set)
        let source = ObservedKeySource(AGKeyFileSource(folder.file("keys.json"), interval: .milliseconds(2)))
        try await Self.rotate(scheduling) {
            $0.authKeySource = source
        } to: { _, stage in
            folder.replace("keys.json", stage.set)
            #expect(await source.applied())
        }
    }

    /// The issuer of the tokens rotates, and this server only verifies.
    @Test(arguments: AGAuthScheduling.tested)
    func byJWKS(_ scheduling: AGAuthScheduling) async throws {
        let (old, new) = (TestKey.publicJWK(TestKey.old), TestKey.publicJWK(TestKey.new))
        let fetcher = StubFetcher(old)
        let time = ManualClock()
        let jwks = try JWKSKeySource("https://issuer.example/jwks", fetcher: fetcher, clock: time.clock)
        let source = ObservedKeySource(jwks)
        try await TestServer.run(scheduling) {
            $0.authKey = nil
            $0.loops = 2
            $0.authKeySource = source
        } _: { server in
            // It does not listen before it has the keys.
            #expect(await source.applied())
            let (oldToken, newToken) = (TestKey.token(TestKey.old), TestKey.token(TestKey.new))
            let first = try await server.pair(token: oldToken)
            let socket = first.socket
            #expect(await socket.authState == .authenticated)

            await time.waitForSleeper(900)
            fetcher.answer(old, new)
            time.advance(900)
            #expect(await source.applied())
            for token in [oldToken, newToken] { try await Self.accepted(server, token) }

            await time.waitForSleeper(900)
            fetcher.answer(new)
            time.advance(900)
            #expect(await source.applied())
            try await Self.refused(server, oldToken)
            try await Self.accepted(server, newToken)
            try await first.client.expectNothing()
            #expect(await socket.authState == .authenticated)
            #expect(fetcher.requests == 3)
        }
    }

    /// A token names a key that is not known: its issuer is asked, and meanwhile nobody says that it is bad (contract §20.7).
    @Test(arguments: AGAuthScheduling.tested)
    func unknownKey(_ scheduling: AGAuthScheduling) async throws {
        let (old, new) = (TestKey.publicJWK(TestKey.old), TestKey.publicJWK(TestKey.new))
        let fetcher = StubFetcher(old)
        let time = ManualClock()
        let source = try JWKSKeySource("https://issuer.example/jwks", fetcher: fetcher, clock: time.clock)
        try await TestServer.run(scheduling) {
            $0.authKey = nil
            $0.authKeySource = source
        } _: { server in
            let token = TestKey.token(TestKey.new)
            let unavailable =
                #"{"message":"jwt verification is unavailable","name":"AuthTokenError","isBadToken":false}"#
            func presented() async throws -> (client: TestClient, reply: String) {
                let client = try server.client()
                let (_, reply) = try await server.handshake(client, token: "\"\(token)\"")
                return (client, reply)
            }
            // The set was fetched just now, so the issuer is not asked; then it fails.
            for requests in [1, 2] {
                let (client, reply) = try await presented()
                #expect(reply.contains(#""authError":\#(unavailable)"#), "\(reply)")
                try await client.expectNothing()
                #expect(fetcher.requests == requests)
                fetcher.answer { _ in JWKSResponse(status: 503) }
                time.advance(30)
            }
            // It has no such key: now the token is bad.
            fetcher.answer(old)
            let (client, reply) = try await presented()
            #expect(reply.contains(#""message":"jwt kid is unknown","name":"AuthTokenInvalidError""#), "\(reply)")
            #expect(try await client.text() == AuthLossTests.removal)
            #expect(fetcher.requests == 3)
            // It has: many clients, one question.
            fetcher.answer(old, new)
            time.advance(30)
            let clients = try (0..<20).map { _ in try server.client() }
            for client in clients { try client.send(TestServer.handshake(token: token)) }
            for client in clients { #expect(try await client.text().hasSuffix(#""isAuthenticated":true}}"#)) }
            #expect(fetcher.requests == 4)
        }
    }

    /// The whole rotation, over real sockets on two loops.
    static func rotate(
        _ scheduling: AGAuthScheduling,
        _ configure: (inout AGServerOptions) -> Void,
        to stage: (TestServer, Stage) async throws -> Void
    ) async throws {
        try await TestServer.run(scheduling) { options in
            options.authKey = nil
            options.loops = 2
            configure(&options)
        } _: { server in
            let oldToken = TestKey.token(TestKey.old)
            let first = try await server.pair(token: oldToken)
            #expect(await first.socket.authState == .authenticated)
            try await first.socket.setAuthToken(["username": "bob"])
            let signedByOld = try AuthSetTokenTests.token(of: try await first.client.text())
            #expect(TestKey.keyID(signedByOld) == "old")
            let early = TestKey.token(TestKey.new)
            try await refused(server, early)

            try await stage(server, .both)
            try await first.client.expectNothing()
            #expect(await first.socket.signedAuthToken == signedByOld)
            let second = try await server.pair(token: oldToken)
            #expect(await second.socket.authState == .authenticated)
            try await second.socket.setAuthToken(["username": "alice"])
            let newToken = try AuthSetTokenTests.token(of: try await second.client.text())
            #expect(TestKey.keyID(newToken) == "new")
            for token in [oldToken, signedByOld, newToken, early] { try await accepted(server, token) }

            try await stage(server, .new)
            for token in [oldToken, signedByOld] { try await refused(server, token) }
            for token in [newToken, early] { try await accepted(server, token) }
            // Who was there is still there, and is still who they were.
            for (client, socket) in [first, second] {
                try await client.expectNothing()
                #expect(await socket.authState == .authenticated)
                let events = server.eventNames(of: socket)
                #expect(!events.contains("disconnect") && !events.contains("deauthenticate"))
            }
            // A token that is presented again is judged anew.
            try first.client.send(##"{"event":"#authenticate","data":"\##(oldToken)","cid":2}"##)
            #expect(try await first.client.text().contains(#""name":"AuthTokenInvalidError""#))
        }
    }

    private static func accepted(_ server: TestServer, _ token: String) async throws {
        let (_, reply) = try await server.handshake(try server.client(), token: "\"\(token)\"")
        #expect(reply.hasSuffix(#""isAuthenticated":true}}"#), "\(reply)")
    }

    private static func refused(_ server: TestServer, _ token: String) async throws {
        #expect(throws: TokenError.unknownKeyID) {
            try server.server.auth.verifyToken(token, server.server.verificationKey)
        }
        let client = try server.client()
        let (_, reply) = try await server.handshake(client, token: "\"\(token)\"")
        let error = #"{"message":"jwt kid is unknown","name":"AuthTokenInvalidError","isBadToken":true}"#
        #expect(reply.contains(#""authError":\#(error)"#), "\(reply)")
        #expect(try await client.text() == AuthLossTests.removal)
    }

    // MARK: Keys that do not fit

    @Test func refusedKeysChangeNothing() async throws {
        try await TestServer.run {
            $0.authKey = nil
            $0.authKeys = Stage.old.ring
            $0.authVerifyAlgorithms = [.ES256, .HS256]
        } _: { server in
            let generation = server.server.verificationKey.generation
            let rows: [(AGKeyRing, String)] = [
                (AGKeyRing(signature: nil, verification: []), "there is no key"),
                (
                    AGKeyRing(signature: TestKey.rsa),
                    "no key fits the algorithms that authAlgorithm and authVerifyAlgorithms accept"
                ),
                (
                    AGKeyRing(signature: TestKey.new, verification: [TestKey.old.verificationKey]),
                    "the verification keys do not accept what the signing key signs"
                ),
            ]
            for (ring, message) in rows {
                let error = #expect(throws: AGError.self) { try server.server.replaceKeys(ring) }
                #expect(error?.name == "InvalidArgumentsError")
                #expect(error?.message == "The keys are not used: \(message)")
            }
            #expect(server.server.verificationKey.generation == generation)
            #expect(server.server.signatureKey?.keyID == "old")
            try server.server.replaceKeys(signature: nil, verification: [TestKey.secret.verificationKey])
            #expect(server.server.signatureKey == nil)
        }
    }

    @Test func authAlgorithmBindsRings() throws {
        var options = AGServerOptions()
        options.authAlgorithm = .ES256
        options.authKeys = AGKeyRing(signature: TestKey.old)
        let server = try AGServer(options: options)
        #expect(throws: AGError.self) { try server.replaceKeys(AGKeyRing(signature: TestKey.new)) }
        let mixed = AGKeyRing(
            signature: TestKey.new,
            verification: [TestKey.old.verificationKey, TestKey.new.verificationKey]
        )
        let error = #expect(throws: AGError.self) { try server.replaceKeys(mixed) }
        #expect(error?.message == "The keys are not used: the signing key cannot be used with ES256")
    }

    // MARK: A server that only verifies

    @Test(arguments: AGAuthScheduling.tested)
    func verifyOnly(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) {
            $0.authKey = nil
            $0.authKeys = AGKeyRing(signature: nil, verification: [TestKey.rsa.verificationKey])
        } setUp: { server in
            server.procedure("login") { socket, request in
                request.end()
                try socket.setAuthToken(["username": "alice"])
            }
        } _: { server in
            let (client, socket) = try await server.pair(token: TestKey.token(TestKey.rsa))
            #expect(await socket.authState == .authenticated)
            try client.send(#"{"event":"login","cid":2}"#)
            #expect(try await client.text() == #"{"rid":2}"#)
            // Contract §9.4: a failure to sign.
            try await client.expectClose(4002)
            #expect(throws: SigningError.keyRequired) {
                try server.server.auth.signToken([:], server.server.signatureKey)
            }
        }
    }
}
