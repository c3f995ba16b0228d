import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// What `setAuthToken` signs, and what it cannot sign (contract §8, §9.4).
@Suite struct AuthSigningTests {
    struct Unsignable: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let payload: JSONObject
        var options = SigningOptions()
        let message: String

        private static func options(_ change: (inout SigningOptions) -> Void) -> SigningOptions {
            var options = SigningOptions()
            change(&options)
            return options
        }

        static let all: [Unsignable] = [
            Unsignable(testDescription: "exp", payload: ["exp": "soon"], message: "should be a number of seconds"),
            Unsignable(testDescription: "exp null", payload: ["exp": nil], message: "should be a number of seconds"),
            Unsignable(testDescription: "iat", payload: ["iat": true], message: "should be a number of seconds"),
            Unsignable(testDescription: "nbf", payload: ["nbf": []], message: "should be a number of seconds"),
            Unsignable(
                testDescription: "exp twice",
                payload: ["exp": 4_102_444_800],
                options: options { $0.expiresIn = 60 },
                message: #"Bad "options.expiresIn" option the payload already has an "exp" property."#
            ),
            Unsignable(
                testDescription: "nbf twice",
                payload: ["nbf": 1],
                options: options { $0.notBefore = 60 },
                message: #"Bad "options.notBefore" option the payload already has an "nbf" property."#
            ),
            Unsignable(
                testDescription: "sub twice",
                payload: ["sub": "a"],
                options: options { $0.subject = "a" },
                message: #"Bad "options.subject" option. The payload already has an "sub" property."#
            ),
            Unsignable(
                testDescription: "no timespan",
                payload: [:],
                options: options { $0.expiresIn = "later" },
                message:
                    #""expiresIn" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60"#
            ),
        ]
    }

    @Test(arguments: Unsignable.all)
    func unsignable(_ row: Unsignable) async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            let closures = socket.listener(.close)
            let before = server.eventNames.count
            let error = await #expect(throws: AGError.self) {
                try await socket.setAuthToken(row.payload, options: row.options)
            }
            #expect(error == AGError(message: row.message))
            #expect(await client.next() == .close(code: 4002, reason: ""))
            #expect(
                try await closures.once(timeout: .seconds(10))
                    == AGClosure(code: .authTokenSigningFailed, reason: row.message)
            )
            #expect(
                server.eventNames(after: before) == [
                    "error", "warning", "disconnect", "disconnection", "close", "closure", "error", "warning", "end",
                ]
            )
            #expect(await socket.identity == "unauthenticated nil nil")
        }
    }

    /// The answer given before goes out; one not given by then never does.
    @Test(arguments: [true, false])
    func unsignableInAHandler(_ endsFirst: Bool) async throws {
        try await TestServer.run { _ in
        } setUp: { server in
            server.procedure("login") { socket, request in
                if endsFirst { request.end() }
                try socket.setAuthToken(["exp": "soon"])
            }
        } _: { server in
            let client = try await server.connected()
            try client.send(#"{"event":"login","cid":2}"#)
            if endsFirst { #expect(try await client.text() == #"{"rid":2}"#) }
            #expect(await client.next() == .close(code: 4002, reason: ""))
        }
    }

    @Test func unsignableForWantOfAKey() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            server.server.signatureKey = .hmac(secret: [])
            let error = await #expect(throws: AGError.self) { try await socket.setAuthToken([:]) }
            #expect(error?.message == "secretOrPrivateKey must have a value")
            #expect(await client.next() == .close(code: 4002, reason: ""))
        }
    }

    // MARK: The algorithm

    @Test(arguments: [nil, Algorithm.HS384], [nil, Algorithm.HS256, .HS384, .HS512])
    func algorithm(_ configured: Algorithm?, _ asked: Algorithm?) async throws {
        try await TestServer.run {
            $0.authAlgorithm = configured
        } _: { server in
            let (client, socket) = try await server.pair()
            let errors = socket.listener(.error)
            let before = server.eventNames.count
            var options = SigningOptions()
            options.algorithm = asked
            try await socket.setAuthToken(["a": 1], options: options)
            let token = try AuthSetTokenTests.token(of: try await client.text())
            let effective = configured ?? .HS256
            #expect(try AuthSetTokenTests.parts(token).header["alg"]?.stringValue == effective.rawValue)
            let isRefused = asked != nil && asked != effective
            #expect(
                server.eventNames(after: before)
                    == (isRefused ? ["error", "warning"] : []) + AuthSetTokenTests.announced
            )
            guard isRefused else { return }
            #expect(
                try await errors.once(timeout: .seconds(10))
                    == AGError(
                        name: "InvalidArgumentsError",
                        message: "Cannot change auth token algorithm at runtime - "
                            + "It must be specified as a config option on launch"
                    )
            )
        }
    }

    // MARK: Expiry

    /// The payload, `expiresIn`, and how long behind `iat` the token expires.
    @Test(arguments: [
        (["a": 1] as JSONObject, nil as Timespan?, 60 as Int64),
        (["iat": 1_700_000_000] as JSONObject, nil, 60),
        (["iat": 1_700_000_000] as JSONObject, 5, 5),
        ([:] as JSONObject, "2h", 7200),
        ([:] as JSONObject, "2000", 2),
        (["iat": 1_700_000_000, "exp": 4_102_444_800] as JSONObject, nil, 2_402_444_800),
    ])
    func expiry(_ payload: JSONObject, _ expiresIn: Timespan?, _ lifetime: Int64) async throws {
        try await TestServer.run {
            $0.authDefaultExpiry = 60
            // Some of these have expired when they are signed, and would be taken away while the test looks.
            $0.authExpiryTimer = false
        } _: { server in
            let (client, socket) = try await server.pair()
            let early = WallClock.seconds()
            try await socket.setAuthToken(payload, options: SigningOptions(expiresIn: expiresIn))
            let late = WallClock.seconds()
            let claims = try AuthSetTokenTests.parts(AuthSetTokenTests.token(of: try await client.text())).claims
            let issued = try #require(claims["iat"]?.integerValue)
            let own = payload["iat"]?.integerValue
            #expect(own == nil ? (early...late).contains(issued) : own == issued)
            #expect(claims["exp"]?.integerValue == issued + lifetime)
            #expect(await socket.authToken?.expiresAt == Double(issued + lifetime))
        }
    }

    @Test func defaultExpiryIsADay() async throws {
        try await TestServer.run { server in
            let (client, socket) = try await server.pair()
            try await socket.setAuthToken(["iat": 1_700_000_000])
            let claims = try AuthSetTokenTests.parts(AuthSetTokenTests.token(of: try await client.text())).claims
            #expect(claims == ["iat": 1_700_000_000, "exp": 1_700_086_400])
        }
    }

    /// The HTTP flow: no default expiry, no configured algorithm (contract §8).
    @Test(arguments: AGAuthScheduling.tested)
    func signingOutsideASocket(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let engine = server.server.auth
            let bare = try engine.signToken(["username": "bob", "iat": 1_700_000_000], server.server.signatureKey)
            let parts = try AuthSetTokenTests.parts(bare)
            #expect(parts.claims == ["username": "bob", "iat": 1_700_000_000])
            #expect(parts.header == ["alg": "HS256", "typ": "JWT"])
            // The client puts it into its storage and presents it.
            let (_, socket) = try await server.pair(token: bare)
            #expect(await socket.authToken?.expiresAt == nil)
            let verified = try engine.verifyToken(bare, server.server.verificationKey)
            #expect(verified["username"] == "bob")
            #expect(throws: TokenError.invalidSignature) {
                try engine.verifyToken(bare, KeySet([.hmac(secret: [1, 2, 3])]))
            }
            #expect(throws: TokenError.malformed) { try engine.verifyToken("abc", server.server.verificationKey) }
            #expect(throws: TokenError.notProvided) { try engine.verifyToken("", server.server.verificationKey) }
            #expect(throws: SigningError.self) { try engine.signToken(["exp": "x"], server.server.signatureKey) }
        }
    }

    /// Contract §8's vectors.
    @Test func vectors() throws {
        let engine = AGAuthEngine(policy: VerificationPolicy(), revocationLimit: 1)
        let payload: JSONObject = ["username": "bob", "iat": 1_700_000_000, "exp": 1_700_086_400]
        let key = SigningKey.hmac(secret: Array("test-key".utf8))
        #expect(
            try engine.signToken(payload, key)
                == "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImJvYiIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAw"
                + "MDg2NDAwfQ.ImUGs_lysfZXoQyNcfyoTE_y0akk5CjJhQ6PT_NVrwA"
        )
        #expect(
            try engine.signToken(payload, key, options: SigningOptions(algorithm: .HS384, expiresIn: nil))
                == "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImJvYiIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAw"
                + "MDg2NDAwfQ.wCzGJ91d1YX3VDrWjEJH8KAjD307lUZDX7oWogVdQqbpy9hSP1YAxkRMDgCJlEKM"
        )
    }
}
