import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// The tables of contract §8 to §10 with public keys, over real sockets: what each token is answered with, in the handshake and
/// at run time, byte for byte.
@Suite struct AuthAsymmetricTests {
    /// One key and algorithm, as a server has it.
    struct Kind: Sendable, CustomTestStringConvertible {
        let algorithm: Algorithm
        let key: SigningKey
        /// Of the same kind, and not the server's.
        let other: SigningKey

        init(_ algorithm: Algorithm) {
            self.algorithm = algorithm
            key = try! .generate(algorithm, modulusBits: 2048)
            other = try! .generate(algorithm, modulusBits: 2048)
        }

        var testDescription: String { algorithm.rawValue }

        func token(_ payload: String = #"{"username":"bob"}"#, header: String? = nil, key: SigningKey? = nil) -> String
        {
            ForgedToken.make(
                header: header ?? #"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#,
                payload: payload,
                algorithm: algorithm,
                signedBy: key ?? self.key
            )
        }

        static let all = [Algorithm.RS256, .RS384, .RS512, .PS256, .PS384, .PS512, .ES256, .ES384, .ES512, .EdDSA]
            .map(Kind.init)
    }

    struct Row {
        let token: String
        let error: String

        init(_ token: String, _ message: String) {
            self.init(token, error: #"{"message":"\#(message)","name":"AuthTokenInvalidError","isBadToken":true}"#)
        }

        init(_ token: String, error: String) {
            self.token = token
            self.error = error
        }

        var isBad: Bool { error.hasSuffix(#""isBadToken":true}"#) }
    }

    static func rows(_ kind: Kind) -> [Row] {
        let good = kind.token()
        let parts = good.split(separator: ".").map(String.init)
        // The public key's text as a secret (CVE-2015-9235).
        let published = String(decoding: JSONValue.object(kind.key.verificationKey.jwk!).serialized(), as: UTF8.self)
        let payloadOfAnother = ForgedToken.base64URL(Array(#"{"username":"eve"}"#.utf8))
        let critical = #"{"alg":"\#(kind.algorithm.rawValue)","crit":["x"],"x":1}"#
        return [
            Row("a.b", "jwt malformed"), Row("..", "invalid token"), Row(good + ".x", "jwt malformed"),
            Row("\(parts[0])=.\(parts[1]).\(parts[2])", "invalid token"),
            Row("\(parts[0]).\(parts[1]).", "jwt signature is required"),
            Row(kind.token(header: #"{"alg":"none","typ":"JWT"}"#), "invalid algorithm"),
            Row(kind.token(header: #"{"alg":"\#(kind.algorithm.rawValue.lowercased())"}"#), "invalid algorithm"),
            Row(ForgedToken.make(payload: "{}", key: published), "invalid algorithm"),
            Row(kind.token(header: critical), "jwt header parameter crit is not supported"),
            Row(kind.token(key: kind.other), "invalid signature"),
            Row("\(parts[0]).\(payloadOfAnother).\(parts[2])", "invalid signature"),
            Row("\(parts[0]).\(parts[1]).AAAA", "invalid signature"),
            Row(kind.token("null"), "jwt payload must be an object"),
            Row(
                kind.token("nope"),
                error:
                    #"{"message":"Unexpected token in JSON at position 1","name":"AuthTokenError","isBadToken":true}"#
            ),
            Row(kind.token(#"{"exp":"1"}"#), "invalid exp value"),
            Row(kind.token(#"{"nbf":"1"}"#), "invalid nbf value"),
            Row(
                kind.token(#"{"exp":1767225600}"#),
                error: #"{"message":"jwt expired","name":"AuthTokenExpiredError","#
                    + #""expiry":"2026-01-01T00:00:00.000Z","isBadToken":true}"#
            ),
            Row(
                kind.token(#"{"nbf":4102444800}"#),
                error: #"{"message":"jwt not active","name":"AuthTokenNotBeforeError","#
                    + #""date":"2100-01-01T00:00:00.000Z","isBadToken":false}"#
            ),
        ]
    }

    private static func run(
        _ scheduling: AGAuthScheduling,
        _ kind: Kind,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run(scheduling) {
            $0.authKey = nil
            $0.authKeys = AGKeyRing(signature: kind.key)
            $0.authAlgorithm = kind.algorithm
        } setUp: { server in
            server.procedure("login") { socket, request in
                request.end()
                try socket.setAuthToken(["username": "alice"])
            }
        } _: { server in
            try await body(server)
        }
    }

    @Test(arguments: AGAuthScheduling.tested, Kind.all)
    func inTheHandshake(_ scheduling: AGAuthScheduling, _ kind: Kind) async throws {
        try await Self.run(scheduling, kind) { server in
            for row in Self.rows(kind) {
                let client = try server.client()
                let (_, reply) = try await server.handshake(client, token: "\"\(row.token)\"")
                #expect(
                    reply
                        == #"{"rid":1,"data":{"id":"ID","pingTimeout":20000,"authError":\#(row.error),"#
                        + #""isAuthenticated":false}}"#
                )
                if row.isBad { #expect(try await client.text() == AuthLossTests.removal) }
                try await client.expectNothing()
            }
            // Contract §9.2: a good one, and nothing is sent after the answer.
            let token = kind.token()
            let (client, socket) = try await server.pair(token: token)
            try await client.expectNothing()
            #expect(await socket.identity == #"authenticated {"username":"bob"} \#(token)"#)
        }
    }

    @Test(arguments: AGAuthScheduling.tested, Kind.all)
    func atRunTime(_ scheduling: AGAuthScheduling, _ kind: Kind) async throws {
        try await Self.run(scheduling, kind) { server in
            let (client, socket) = try await server.pair()
            for row in Self.rows(kind) {
                // Every failing row takes the identity away (contract §9.3).
                try client.send(##"{"event":"#authenticate","data":"\##(kind.token())","cid":2}"##)
                try await client.expect(#"{"rid":2,"data":{"isAuthenticated":true,"authError":null}}"#)
                try client.send(##"{"event":"#authenticate","data":"\##(row.token)","cid":3}"##)
                #expect(
                    try await client.text()
                        == (row.isBad
                            ? #"{"rid":3,"error":\#(row.error)}"#
                            : #"{"rid":3,"data":{"isAuthenticated":false,"authError":\#(row.error)}}"#)
                )
                if row.isBad { #expect(try await client.text() == AuthLossTests.removal) }
                try await client.expectNothing()
                #expect(await socket.identity == "unauthenticated nil nil")
            }
        }
    }

    /// Contract §9.4: the answer first, then a token that the next handshake takes.
    @Test(arguments: AGAuthScheduling.tested, Kind.all)
    func login(_ scheduling: AGAuthScheduling, _ kind: Kind) async throws {
        try await Self.run(scheduling, kind) { server in
            let client = try await server.connected()
            try client.send(#"{"event":"login","cid":2}"#)
            try await client.expect(#"{"rid":2}"#)
            let token = try AuthSetTokenTests.token(of: try await client.text())
            let header = try TokenInspector.inspect(Array(token.utf8)).headerValue()
            #expect(header["alg"] == .string(kind.algorithm.rawValue))
            let (_, reply) = try await server.handshake(try server.client(), token: "\"\(token)\"")
            #expect(reply.hasSuffix(#""isAuthenticated":true}}"#))
        }
    }

    /// Contract §8: with such a key and no `authAlgorithm`, as upstream's options are, signing fails.
    @Test func upstreamNeedsTheAlgorithm() async throws {
        try await TestServer.run {
            $0.authKey = nil
            $0.authPrivateKey = AuthKeyPairTests.privateKey
            $0.authPublicKey = AuthKeyPairTests.publicKey
        } _: { server in
            let (client, socket) = try await server.pair()
            let error = await #expect(throws: AGError.self) { try await socket.setAuthToken([:]) }
            #expect(error?.message == "secretOrPrivateKey must be a symmetric key when using HS256")
            try await client.expectClose(4002)
        }
    }
}
