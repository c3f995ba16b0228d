import Asyngular
import Testing

/// authPrivateKey and authPublicKey (contract §8): what fails when the server is made, and a token signed and verified by a
/// pair over a real socket. The keys were made for this test and are used nowhere else.
@Suite struct AuthKeyPairTests {
    static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgv3R20wq2qvQG4/3w
        Upz5DW1rcK2/f+O3Rup0rYwnnyChRANCAAQ67dZBHVA2GAXrEsr+5SVWkQN71jfd
        QngxmvLpRA35JYoINLZT36XPGL19YEX3XOnQud1wLGAXYYPZBy9zzNV2
        -----END PRIVATE KEY-----
        """
    static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOu3WQR1QNhgF6xLK/uUlVpEDe9Y3
        3UJ4MZry6UQN+SWKCDS2U9+lzxi9fWBF91zp0LndcCxgF2GD2Qcvc8zVdg==
        -----END PUBLIC KEY-----
        """
    static let otherPublicKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWaVyMj2wMnh+gRISa0Ihnd1Br1qs
        48kA/4Rjc1+6eZRelvaiGwP8+ru9cJVouPYOqkpw3iV6lodONWJ3oEMFPw==
        -----END PUBLIC KEY-----
        """

    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let options: AGServerOptions
        let message: String

        init(_ description: String, _ message: String, _ change: (inout AGServerOptions) -> Void) {
            testDescription = description
            self.message = message
            var options = AGServerOptions()
            change(&options)
            self.options = options
        }
    }

    static let wrong: [Wrong] = [
        Wrong("only a private key", "The authPublicKey option must be specified together with authPrivateKey") {
            $0.authPrivateKey = privateKey
        },
        Wrong("only a public key", "The authPrivateKey option must be specified together with authPublicKey") {
            $0.authPublicKey = publicKey
        },
        Wrong("keys of two pairs", "The authPublicKey option does not belong to authPrivateKey") {
            $0.authPrivateKey = privateKey
            $0.authPublicKey = otherPublicKey
        },
        Wrong("an algorithm of another key", "The authAlgorithm option RS256 does not fit the key") {
            $0.authPrivateKey = privateKey
            $0.authPublicKey = publicKey
            $0.authAlgorithm = .RS256
        },
        Wrong("an algorithm of another curve", "The authAlgorithm option ES384 does not fit the key") {
            $0.authPrivateKey = privateKey
            $0.authPublicKey = publicKey
            $0.authAlgorithm = .ES384
        },
        Wrong("an asymmetric algorithm for a secret", "The authAlgorithm option ES256 does not fit the key") {
            $0.authKey = "secret"
            $0.authAlgorithm = .ES256
        },
        Wrong(
            "accepting nothing that fits",
            "The authVerifyAlgorithms option names no algorithm that fits the key"
        ) {
            $0.authPrivateKey = privateKey
            $0.authPublicKey = publicKey
            $0.authAlgorithm = .ES256
            $0.authVerifyAlgorithms = [.HS256]
        },
        Wrong("a ring and a secret", "The authKey option cannot be combined with authKeys") {
            $0.authKeys = AGKeyRing(signature: TestKey.old)
            $0.authKey = "secret"
        },
        Wrong("a ring and a pair", "The authPrivateKey option cannot be combined with authKeys") {
            $0.authKeys = AGKeyRing(signature: TestKey.old)
            $0.authPrivateKey = privateKey
            $0.authPublicKey = publicKey
        },
        Wrong("a ring and a source", "The authKeySource option cannot be combined with authKeys") {
            $0.authKeys = AGKeyRing(signature: TestKey.old)
            $0.authKeySource = AGKeyFileSource("/nonexistent")
        },
        Wrong("a source and a public key", "The authPublicKey option cannot be combined with authKeySource") {
            $0.authKeySource = AGKeyFileSource("/nonexistent")
            $0.authPublicKey = publicKey
        },
        Wrong("a source without a file", "The authKeySource option: the key file /nonexistent cannot be read") {
            $0.authKeySource = AGKeyFileSource("/nonexistent")
        },
        Wrong("an empty ring", "The authKeys option: there is no key") {
            $0.authKeys = AGKeyRing(signature: nil, verification: [])
        },
        Wrong("an algorithm of another ring", "The authKeys option: the signing key cannot be used with ES384") {
            $0.authKeys = AGKeyRing(signature: TestKey.old)
            $0.authAlgorithm = .ES384
            $0.authVerifyAlgorithms = [.ES256]
        },
        Wrong(
            "a ring that does not verify what it signs",
            "The authKeys option: the verification keys do not accept what the signing key signs"
        ) {
            $0.authKeys = AGKeyRing(signature: TestKey.old, verification: [TestKey.new.verificationKey])
        },
    ]

    @Test(arguments: wrong)
    func refused(_ wrong: Wrong) {
        let error = #expect(throws: AGError.self) { try AGServer(options: wrong.options) }
        #expect(error?.name == "InvalidOptionsError")
        #expect(error?.message == wrong.message)
    }

    @Test("a PEM text is no secret, and the error does not repeat it")
    func pemAsSecret() throws {
        let error = try #require(
            #expect(throws: AGError.self) { try AGServer(options: AGServerOptions(authKey: Self.publicKey)) }
        )
        #expect(error.name == "InvalidOptionsError")
        #expect(error.message.hasPrefix("The authKey option: "))
        #expect(!error.message.contains("MFkw"))
    }

    @Test(arguments: [AGAuthScheduling.automatic, .inline])
    func es256(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run { options in
            options.authKey = nil
            options.authPrivateKey = Self.privateKey
            options.authPublicKey = Self.publicKey
            options.authAlgorithm = .ES256
            options.authScheduling = scheduling
        } setUp: { server in
            server.procedure("login") { socket, request in
                request.end()
                try socket.setAuthToken(["username": "alice"])
            }
        } _: { server in
            let client = try await server.connected()
            try client.send(#"{"event":"login","cid":2}"#)
            #expect(try await client.text() == #"{"rid":2}"#)
            let event = try JSONValue(parsing: Array(try await client.text().utf8))
            #expect(event["event"] == "#setAuthToken")
            let token = try #require(event["data"]?["token"]?.stringValue)

            let returning = try server.client()
            try returning.send(##"{"event":"#handshake","data":{"authToken":"\##(token)"},"cid":1}"##)
            #expect(try await returning.text().hasSuffix(#","isAuthenticated":true}}"#))

            // Signed by a secret: the key decides, not the token.
            let forged = try server.token(["username": "mallory"])
            let intruder = try server.client()
            try intruder.send(##"{"event":"#handshake","data":{"authToken":"\##(forged)"},"cid":1}"##)
            #expect(
                try await intruder.text().contains(#""message":"invalid algorithm","name":"AuthTokenInvalidError""#)
            )
        }
    }
}
