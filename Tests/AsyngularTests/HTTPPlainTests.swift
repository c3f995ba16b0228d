import StrictJSON
import Testing

@testable import Asyngular

/// What a server says to plain HTTP.
@Suite("Plain HTTP", .timeLimit(.minutes(2)))
struct HTTPPlainTests {
    @Test("GET /health counts the clients")
    func health() async throws {
        try await TestServer.run { server in
            func report() throws -> HTTPAnswer {
                HTTPAnswer(try TestClient.http(port: server.port, HTTPAnswer.plain("GET", "/health")))
            }
            let empty = try report()
            #expect(empty.status == 200)
            #expect(empty.headers["content-type"] == "application/json")
            #expect(
                try JSONValue(parsing: Array(empty.body.utf8))
                    == ["status": "ok", "clients": 0, "pendingClients": 0]
            )
            let open = try await server.connected()
            let pending = try server.client()
            let both = try report()
            #expect(
                try JSONValue(parsing: Array(both.body.utf8)) == ["status": "ok", "clients": 1, "pendingClients": 1]
            )
            withExtendedLifetime((open, pending)) {}
        }
    }

    @Test("HEAD /health has no body")
    func head() async throws {
        try await TestServer.run { server in
            let answer = HTTPAnswer(try TestClient.http(port: server.port, HTTPAnswer.plain("HEAD", "/health")))
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
            #expect(answer.headers["content-length"] == "46")
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let request: String
        let status: Int

        var testDescription: String { "\(status): \(request.prefix { !$0.isNewline })" }
    }

    @Test(
        "Other requests",
        arguments: [
            Row(request: HTTPAnswer.plain("POST", "/health"), status: 405),
            Row(request: HTTPAnswer.plain("GET", "/"), status: 404),
            Row(request: HTTPAnswer.plain("DELETE", "/x?y"), status: 404),
            Row(request: HTTPAnswer.plain("GET", "/socketcluster/"), status: 426),
            Row(request: HTTPAnswer.plain("PUT", "/socketcluster/"), status: 405),
            Row(request: HTTPAnswer.plain("POST", "/x", body: "abc"), status: 404),
            Row(request: "nonsense\r\n\r\n", status: 400),
            Row(
                request: HTTPAnswer.plain("GET", "/", more: ["X: " + String(repeating: "x", count: 40_000)]),
                status: 431
            ),
            Row(request: "GET /" + String(repeating: "x", count: 20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", status: 414),
        ]
    )
    func other(_ row: Row) async throws {
        try await TestServer.run { server in
            let answer = HTTPAnswer(try TestClient.http(port: server.port, row.request))
            #expect(answer.status == row.status)
            #expect(answer.headers["connection"] == "close")
        }
    }

    @Test("A head that does not come to its end is answered 408")
    func slowHead() async throws {
        try await TestServer.run {
            $0.handshakeTimeout = 50
        } _: { server in
            let answer = HTTPAnswer(try TestClient.http(port: server.port, "GET / HTTP/1.1\r\nHo"))
            #expect(answer.status == 408)
        }
    }

    @Test("A connection that says nothing is closed without a word")
    func silence() async throws {
        try await TestServer.run {
            $0.handshakeTimeout = 50
        } _: { server in
            let answer = try TestClient.http(port: server.port, "")
            #expect(answer.isEmpty)
            let left = await server.onLoop { $0.httpConnections.count }
            #expect(left == 0)
        }
    }
}
