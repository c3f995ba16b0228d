import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// The keys in force, and changing them while the server runs.
@Suite struct AuthKeysTests {
    private static let newKey = "another-key-of-the-server"

    @Test(arguments: AGAuthScheduling.tested)
    func changedWhileRunning(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let old = HandshakeRow.valid
            let (client, socket) = try await server.pair(token: old)
            let key = SigningKey.hmac(secret: Array(Self.newKey.utf8))
            server.server.signatureKey = key
            server.server.verificationKey = KeySet([key.verificationKey])
            // What is authenticated stays so.
            #expect(await socket.identity == "authenticated \(HandshakeRow.payload) \(old)")
            try await client.expectNothing()
            // The old token opens nothing any more.
            let (_, reply) = try await server.handshake(try server.client(), token: "\"\(old)\"")
            #expect(reply.contains(#""authError":{"message":"invalid signature","name":"AuthTokenInvalidError""#))
            try client.send(##"{"event":"#authenticate","data":"\##(AuthenticateRow.valid)","cid":2}"##)
            #expect(try await client.text().contains(#""message":"invalid signature""#))
            #expect(try await client.text() == AuthLossTests.removal)
            // What is signed now does.
            try await socket.setAuthToken(["username": "bob"])
            let new = try AuthSetTokenTests.token(of: try await client.text())
            let (_, accepted) = try await server.handshake(try server.client(), token: "\"\(new)\"")
            #expect(accepted.hasSuffix(#""isAuthenticated":true}}"#))
        }
    }

    /// Both keys are good while tokens of the old one are about.
    @Test(arguments: AGAuthScheduling.tested)
    func overlap(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let new = SigningKey.hmac(secret: Array(Self.newKey.utf8))
            server.server.verificationKey = KeySet(
                [new.verificationKey, .hmac(secret: Array(TestServer.key.utf8))]
            )
            server.server.signatureKey = new
            for key in [TestServer.key, Self.newKey] {
                let token = ForgedToken.make(payload: "{}", key: key)
                _ = try await server.pair(token: token)
                let (_, reply) = try await server.handshake(try server.client(), token: "\"\(token)\"")
                #expect(reply.hasSuffix(#""isAuthenticated":true}}"#))
            }
            let (_, reply) = try await server.handshake(
                try server.client(),
                token: "\"\(ForgedToken.make(payload: "{}", key: "third"))\""
            )
            #expect(reply.contains(#""message":"invalid signature""#))
        }
    }

    /// A token that waits for the pool is judged by the keys in force when its turn comes.
    @Test func changedWhileTokensWait() async throws {
        try await TestServer.run(.offloaded) { server in
            let gate = KeyGate(server.server) { keys in
                keys.verification = KeySet([.hmac(secret: Array(Self.newKey.utf8))])
            }
            let client = try server.client()
            try client.send(##"{"event":"#handshake","data":{"authToken":"\##(HandshakeRow.valid)"},"cid":1}"##)
            gate.open()
            #expect(try await client.text().contains(#""message":"invalid signature""#))
        }
    }

    /// Without a key each server makes its own.
    @Test func randomKey() async throws {
        try await TestServer.run {
            $0.authKey = nil
        } _: { server in
            let (client, socket) = try await server.pair()
            try await socket.setAuthToken(["username": "bob"])
            let token = try AuthSetTokenTests.token(of: try await client.text())
            _ = try await server.pair(token: token)
            let bare = try server.server.auth.signToken([:], server.server.signatureKey)
            #expect(try server.server.auth.verifyToken(bare, server.server.verificationKey).expiresAt == nil)

            let other = try AGServer(options: AGServerOptions())
            #expect(throws: TokenError.invalidSignature) {
                try server.server.auth.verifyToken(token, other.verificationKey)
            }
            for guess in ["", TestServer.key] {
                #expect(throws: TokenError.self) {
                    try server.server.auth.verifyToken(token, KeySet([.hmac(secret: Array(guess.utf8))]))
                }
            }
        }
    }

    @Test func storeKeepsWhatItIsGiven() {
        let first = SigningKey.hmac(secret: [1], kid: "first")
        let store = KeyStore(AGKeyRing(signature: first))
        let generation = store.verification.generation
        #expect(store.signature?.keyID == "first")
        store.signature = .hmac(secret: [2], kid: "second")
        #expect(store.signature?.keyID == "second")
        #expect(store.verification.generation == generation)
        store.verification = KeySet([])
        #expect(store.verification.isEmpty)
        let old = store.update { keys in
            defer { keys = AGKeyRing(signature: first) }
            return keys.signature?.keyID
        }
        #expect(old == "second")
        #expect(store.signature?.keyID == "first")
        #expect(store.verification.keys.map(\.keyID) == ["first"])
    }
}
