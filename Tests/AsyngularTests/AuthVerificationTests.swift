import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular

/// What a client is told of each token that is not accepted, byte for byte (contract §8).
@Suite struct AuthVerificationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let token: String
        let error: String

        init(_ description: String, _ token: String, invalid message: String) {
            self.init(
                description,
                token,
                #"{"message":"\#(message)","name":"AuthTokenInvalidError","isBadToken":true}"#
            )
        }

        init(_ description: String, _ token: String, _ error: String) {
            testDescription = description
            self.token = token
            self.error = error
        }
    }

    private static func expired(_ date: String) -> String {
        #"{"message":"jwt expired","name":"AuthTokenExpiredError","expiry":"\#(date)","isBadToken":true}"#
    }

    private static func notActive(_ date: String) -> String {
        #"{"message":"jwt not active","name":"AuthTokenNotBeforeError","date":"\#(date)","isBadToken":false}"#
    }

    private static let good = HandshakeRow.valid
    private static let parts = good.split(separator: ".").map(String.init)

    static let rows: [Row] = [
        Row("one part", "abc", invalid: "jwt malformed"),
        Row("two parts", "a.b", invalid: "jwt malformed"),
        Row("four parts", "a.b.c.d", invalid: "jwt malformed"),
        Row("a space", " ", invalid: "jwt malformed"),
        Row("empty parts", "..", invalid: "invalid token"),
        Row("not base64url", "*.b.c", invalid: "invalid token"),
        Row("padded", "\(parts[0])=.\(parts[1]).\(parts[2])", invalid: "invalid token"),
        Row("header not JSON", ForgedToken.make(header: "{alg", payload: "{}"), invalid: "invalid token"),
        Row("header not an object", ForgedToken.make(header: "7", payload: "{}"), invalid: "invalid token"),
        Row(
            "payload not JSON",
            ForgedToken.make(payload: "nope"),
            #"{"message":"Unexpected token in JSON at position 1","name":"AuthTokenError","isBadToken":true}"#
        ),
        Row("no signature", "\(parts[0]).\(parts[1]).", invalid: "jwt signature is required"),
        Row(
            "alg none",
            ForgedToken.make(header: #"{"alg":"none","typ":"JWT"}"#, payload: "{}"),
            invalid: "invalid algorithm"
        ),
        Row(
            "alg none, unsigned",
            ForgedToken.make(header: #"{"alg":"none","typ":"JWT"}"#, payload: "{}", signature: ""),
            invalid: "jwt signature is required"
        ),
        Row(
            "alg in lower case",
            ForgedToken.make(header: #"{"alg":"hs256"}"#, payload: "{}"),
            invalid: "invalid algorithm"
        ),
        Row("alg missing", ForgedToken.make(header: #"{"typ":"JWT"}"#, payload: "{}"), invalid: "invalid algorithm"),
        Row("RS256", ForgedToken.make(header: #"{"alg":"RS256"}"#, payload: "{}"), invalid: "invalid algorithm"),
        Row("another key", ForgedToken.make(payload: "{}", key: "other-key"), invalid: "invalid signature"),
        Row(
            "another payload",
            "\(parts[0]).\(ForgedToken.base64URL(Array(#"{"username":"eve"}"#.utf8))).\(parts[2])",
            invalid: "invalid signature"
        ),
        Row(
            "signed as HS384",
            ForgedToken.make(header: #"{"alg":"HS256"}"#, payload: "{}", algorithm: .HS384),
            invalid: "invalid signature"
        ),
        Row("nbf no number", ForgedToken.make(payload: #"{"nbf":"1"}"#), invalid: "invalid nbf value"),
        Row("exp no number", ForgedToken.make(payload: #"{"exp":"1"}"#), invalid: "invalid exp value"),
        Row("exp null", ForgedToken.make(payload: #"{"exp":null}"#), invalid: "invalid exp value"),
        Row("payload a string", ForgedToken.make(payload: #""bob""#), invalid: "jwt payload must be an object"),
        Row("payload null", ForgedToken.make(payload: "null"), invalid: "jwt payload must be an object"),
        Row("payload an array", ForgedToken.make(payload: "[]"), invalid: "jwt payload must be an object"),
        Row(
            "crit",
            ForgedToken.make(header: #"{"alg":"HS256","crit":["x"],"x":1}"#, payload: "{}"),
            invalid: "jwt header parameter crit is not supported"
        ),
        Row(
            "nbf before exp",
            ForgedToken.make(payload: #"{"exp":1,"nbf":4102444800}"#),
            notActive("2100-01-01T00:00:00.000Z")
        ),
        Row(
            "nbf with a fraction",
            ForgedToken.make(payload: #"{"nbf":4102444800.5}"#),
            notActive("2100-01-01T00:00:00.500Z")
        ),
        Row(
            "exp with a fraction",
            ForgedToken.make(payload: #"{"exp":1767225600.5}"#),
            expired("2026-01-01T00:00:00.500Z")
        ),
        Row("exp 0", ForgedToken.make(payload: #"{"exp":0}"#), expired("1970-01-01T00:00:00.000Z")),
        Row("exp before time", ForgedToken.make(payload: #"{"exp":-1e300}"#), expired("-271821-04-20T00:00:00.000Z")),
        Row("nbf after time", ForgedToken.make(payload: #"{"nbf":1e300}"#), notActive("+275760-09-13T00:00:00.000Z")),
        // The contract's vectors; that they are found expired says that their signatures are good.
        Row(
            "HS256 vector",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImJvYiIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDg2NDAw"
                + "fQ.ImUGs_lysfZXoQyNcfyoTE_y0akk5CjJhQ6PT_NVrwA",
            expired("2023-11-15T22:13:20.000Z")
        ),
        Row(
            "HS384 vector",
            "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImJvYiIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDg2NDAw"
                + "fQ.wCzGJ91d1YX3VDrWjEJH8KAjD307lUZDX7oWogVdQqbpy9hSP1YAxkRMDgCJlEKM",
            expired("2023-11-15T22:13:20.000Z")
        ),
        Row(
            "1 MiB",
            String(repeating: "a", count: 1 << 20),
            invalid: "jwt is longer than 8192 bytes"
        ),
        Row(
            "8193 bytes",
            good + String(repeating: "A", count: 8193 - good.utf8.count),
            invalid: "jwt is longer than 8192 bytes"
        ),
        Row("8192 bytes", good + String(repeating: "A", count: 8192 - good.utf8.count), invalid: "invalid signature"),
    ]

    @Test(arguments: AGAuthScheduling.tested, rows)
    func inTheHandshake(_ scheduling: AGAuthScheduling, _ row: Row) async throws {
        try await TestServer.run(scheduling) { server in
            let client = try server.client()
            let (_, reply) = try await server.handshake(client, token: "\"\(row.token)\"")
            #expect(
                reply
                    == #"{"rid":1,"data":{"id":"ID","pingTimeout":20000,"authError":\#(row.error),"#
                    + #""isAuthenticated":false}}"#
            )
            if !row.error.contains("false") { #expect(try await client.text() == AuthLossTests.removal) }
            try await client.expectNothing()
        }
    }

    @Test(arguments: AGAuthScheduling.tested, rows)
    func atRunTime(_ scheduling: AGAuthScheduling, _ row: Row) async throws {
        try await TestServer.run(scheduling) { server in
            let client = try await server.connected()
            try client.send(##"{"event":"#authenticate","data":"\##(row.token)","cid":2}"##)
            let isBad = !row.error.contains("false")
            #expect(
                try await client.text()
                    == (isBad
                        ? #"{"rid":2,"error":\#(row.error)}"#
                        : #"{"rid":2,"data":{"isAuthenticated":false,"authError":\#(row.error)}}"#)
            )
            if isBad { #expect(try await client.text() == AuthLossTests.removal) }
            try await client.expectNothing()
        }
    }

    /// Neither a string nor null (row 0 of the table).
    @Test(arguments: AGAuthScheduling.tested, ["0", "true", "[]", "{}", #"["a.b.c"]"#])
    func notText(_ scheduling: AGAuthScheduling, _ token: String) async throws {
        try await TestServer.run(scheduling) { server in
            let client = try server.client()
            let (_, reply) = try await server.handshake(client, token: token)
            #expect(
                reply.contains(#""message":"Invalid token format - Token must be a string","name":"AuthTokenError""#)
            )
            #expect(try await client.text() == AuthLossTests.removal)
        }
    }

    /// What is no token at all: nothing is refused (contract §4).
    @Test(arguments: ["", #","data":null"#, #","data":{}"#, #","data":"x""#, #","data":["authToken"]"#])
    func noToken(_ data: String) async throws {
        try await TestServer.run { server in
            let client = try server.client()
            try client.send(##"{"event":"#handshake"\##(data),"cid":1}"##)
            #expect(try await client.text().hasSuffix(#","pingTimeout":20000,"isAuthenticated":false}}"#))
            try await client.expectNothing()
        }
    }

    /// A peer may escape what it likes in JSON.
    @Test(arguments: AGAuthScheduling.tested)
    func escapedToken(_ scheduling: AGAuthScheduling) async throws {
        try await TestServer.run(scheduling) { server in
            let escaped = HandshakeRow.valid.utf8.map { #"\u00"# + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                .joined()
            let client = try server.client()
            try client.send(
                ##"{"event":"\u0023handshake","data":{"auth\u0054oken":"\##(escaped)"},"cid":1}"##
            )
            #expect(try await client.text().hasSuffix(#""isAuthenticated":true}}"#))
        }
    }

    struct AlgorithmChoice: Sendable {
        var own: Algorithm?
        var verify: Set<Algorithm>?
        let accepted: Set<Algorithm>

        static let all = [
            AlgorithmChoice(accepted: [.HS256, .HS384, .HS512]),
            AlgorithmChoice(own: .HS384, accepted: [.HS384]),
            AlgorithmChoice(verify: [.HS256, .HS512], accepted: [.HS256, .HS512]),
            AlgorithmChoice(own: .HS384, verify: [.HS256], accepted: [.HS256]),
        ]
    }

    /// Which algorithms are accepted: `authVerifyAlgorithms`, else `authAlgorithm`, else what fits the key.
    @Test(arguments: AGAuthScheduling.tested, AlgorithmChoice.all)
    func algorithms(_ scheduling: AGAuthScheduling, _ row: AlgorithmChoice) async throws {
        try await TestServer.run(scheduling) {
            $0.authAlgorithm = row.own
            $0.authVerifyAlgorithms = row.verify
        } _: { server in
            for algorithm in [Algorithm.HS256, .HS384, .HS512] {
                let token = ForgedToken.make(
                    header: #"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#,
                    payload: "{}",
                    algorithm: algorithm
                )
                let (_, reply) = try await server.handshake(try server.client(), token: "\"\(token)\"")
                #expect(
                    row.accepted.contains(algorithm)
                        ? reply.hasSuffix(#""isAuthenticated":true}}"#)
                        : reply.contains(#""authError":{"message":"invalid algorithm","#)
                )
            }
        }
    }
}
