import HTTPTypes
import SocketProtocol
import Testing

@testable import Asyngular

/// The CORS protocol over the wire: who may read what.
@Suite("CORS", .timeLimit(.minutes(2)))
struct AGCORSPolicyTests {
    private static let site = "https://app.example"

    private static func run(_ policy: AGCORSPolicy?, _ body: (HTTPConnection) throws -> Void) async throws {
        try await TestServer.run {
            $0.http.cors = policy
        } setUp: {
            HTTPRoutesTests.install(on: $0)
        } _: { server in
            try body(try HTTPConnection(port: server.port))
        }
    }

    private static func names(_ answer: HTTPAnswer) -> Set<String> {
        Set(answer.headers.keys.filter { $0.hasPrefix("access-control") || $0 == "vary" })
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let origins: AGCORSPolicy.Origins
        let origin: String?
        let allowed: String?

        var testDescription: String { "\(origins) \(origin ?? "none")" }
    }

    @Test(
        "An origin is allowed or not",
        arguments: [
            Row(origins: .any, origin: site, allowed: "*"), Row(origins: .any, origin: "null", allowed: "*"),
            Row(origins: .any, origin: nil, allowed: nil), Row(origins: .list([site]), origin: site, allowed: site),
            Row(origins: .list([site]), origin: nil, allowed: nil),
            Row(origins: .list(["HTTPS://APP.example"]), origin: site, allowed: site),
            Row(origins: .list([site]), origin: "https://app.example.evil.example", allowed: nil),
            Row(origins: .list([site]), origin: "http://app.example", allowed: nil),
            Row(origins: .list([site]), origin: "https://app.example:8443", allowed: nil),
            Row(origins: .list([site]), origin: "null", allowed: nil),
            Row(origins: .list([]), origin: site, allowed: nil),
        ]
    )
    func origin(_ row: Row) async throws {
        try await Self.run(AGCORSPolicy(origins: row.origins)) { connection in
            let more = row.origin.map { ["Origin: \($0)"] } ?? []
            for (method, path) in [("GET", "/hello"), ("GET", "/nowhere"), ("PUT", "/hello"), ("GET", "/fails")] {
                let answer = try connection.exchange(method, path, more: more)
                #expect(answer.headers["access-control-allow-origin"] == row.allowed)
                #expect(answer.headers["vary"] == (row.origins == .any ? nil : "Origin"))
                #expect(answer.headers["access-control-allow-credentials"] == nil)
            }
        }
    }

    @Test("A preflight")
    func preflight() async throws {
        var policy = AGCORSPolicy(origins: .list([Self.site]))
        policy.allowsCredentials = true
        policy.exposedHeaders = [.eTag]
        policy.maximumAge = 5
        try await Self.run(policy) { connection in
            let more = ["Origin: \(Self.site)", "Access-Control-Request-Method: POST"]
            let answer = try connection.exchange("OPTIONS", "/echo", more: more)
            #expect(answer.status == 204)
            #expect(answer.headers["access-control-allow-origin"] == Self.site)
            #expect(answer.headers["access-control-allow-credentials"] == "true")
            #expect(answer.headers["access-control-allow-methods"] == "POST, OPTIONS")
            #expect(answer.headers["access-control-allow-headers"] == "Content-Type, Authorization")
            #expect(answer.headers["access-control-expose-headers"] == "ETag")
            #expect(answer.headers["access-control-max-age"] == "5")
            #expect(try connection.exchange("OPTIONS", "/nowhere", more: more).status == 404)
            let other = try connection.exchange(
                "OPTIONS",
                "/echo",
                more: ["Origin: https://evil.example", "Access-Control-Request-Method: POST"]
            )
            #expect(other.status == 204)
            #expect(Self.names(other) == ["vary"])
        }
    }

    @Test("Methods of the policy's own choice")
    func methods() async throws {
        var policy = AGCORSPolicy(origins: .any)
        policy.methods = [.get, .post]
        try await Self.run(policy) { connection in
            let answer = try connection.exchange(
                "OPTIONS",
                "/hello",
                more: ["Origin: \(Self.site)", "Access-Control-Request-Method: GET"]
            )
            #expect(answer.headers["access-control-allow-methods"] == "GET, POST")
            #expect(answer.headers["access-control-allow-origin"] == "*")
        }
    }

    @Test("Without a policy nothing is said")
    func none() async throws {
        try await Self.run(nil) { connection in
            let answer = try connection.exchange("GET", "/hello", more: ["Origin: \(Self.site)"])
            #expect(Self.names(answer).isEmpty)
            let preflight = try connection.exchange(
                "OPTIONS",
                "/hello",
                more: ["Origin: \(Self.site)", "Access-Control-Request-Method: GET"]
            )
            #expect(preflight.status == 204)
            #expect(Self.names(preflight).isEmpty)
            #expect(preflight.headers["allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test("Policies that make no sense are refused")
    func invalid() {
        var everybody = AGCORSPolicy(origins: .any)
        everybody.allowsCredentials = true
        var negative = AGCORSPolicy(origins: .any)
        negative.maximumAge = -1
        for policy in [everybody, negative, AGCORSPolicy(origins: .list(["*"]))] {
            var options = AGServerOptions()
            options.http.cors = policy
            #expect(throws: AGError.self) { try AGServer(options: options) }
        }
    }
}
