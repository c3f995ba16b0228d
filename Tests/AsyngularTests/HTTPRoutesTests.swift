import HTTPTypes
import StrictJSON
import Testing

@testable import Asyngular

/// Routes over the wire: what handlers get and what clients get from them.
@Suite("HTTP routes", .timeLimit(.minutes(2)))
struct HTTPRoutesTests {
    private struct Secret: Error {
        let text = "the secret"
    }

    static func install(on server: AGServer) {
        server.route(.get, "/hello") { _ in .text("hello") }
        server.route(.post, "/echo", maximumBodyBytes: 100) { request in
            var response = AGHTTPResponse(contentType: "application/octet-stream", body: request.body)
            response.head.headerFields[HTTPField.Name("X-Length")!] = "\(request.body.count)"
            return response
        }
        server.route(.put, "/default") { request in .text("\(request.body.count)") }
        server.route(.post, "/json") { request in .json(["got": try request.json()]) }
        server.route(.post, "/form") { request in .text(try request.form()["a"] ?? "none") }
        server.route(.get, "/rooms/:room/members/:name") { request in
            .text("\(request.parameters["room"] ?? "")|\(request.parameters["name"] ?? "")")
        }
        server.route(.get, "/files/*") { request in .text(request.parameters["*"] ?? "") }
        server.route(.get, "/request") { request in
            .json([
                "method": .string(request.head.method.rawValue), "path": .string(request.path),
                "target": .string(request.head.path ?? ""), "host": .string(request.head.authority ?? ""),
                "q": .string(request.query["q"] ?? ""),
                "header": .string(request.head.headerFields[.accept] ?? ""),
                "hasHost": .bool(request.head.headerFields.contains { $0.name.canonicalName == "host" }),
                "remote": .bool("\(request.remoteAddress!)".hasPrefix("127.0.0.1:")),
            ])
        }
        server.route(.get, "/fails") { _ in throw Secret() }
        server.route(.get, "/forbidden") { _ in
            throw AGHTTPError(.unauthorized, "Log in", headerFields: [.wwwAuthenticate: "Bearer"])
        }
        server.route(.get, "/injects") { _ in
            var response = AGHTTPResponse.text("x")
            response.head.headerFields[.location] = "/a\r\nSet-Cookie: b=c"
            response.head.headerFields[.contentLength] = "999"
            response.head.headerFields[.connection] = "upgrade"
            response.head.headerFields[.transferEncoding] = "chunked"
            return response
        }
        server.route(.get, "/empty") { _ in .status(.noContent) }
        server.route(.get, "/unmodified") { _ in
            var response = AGHTTPResponse.text("not sent")
            response.head.status = .notModified
            return response
        }
        server.route(.get, "/interim") { _ in .status(.continue) }
    }

    static func run(
        _ configure: (inout AGServerOptions) -> Void = { _ in },
        _ body: (TestServer, HTTPConnection) async throws -> Void
    ) async throws {
        try await TestServer.run(configure, setUp: install) { server in
            try await body(server, try HTTPConnection(port: server.port))
        }
    }

    @Test("A handler's answer has Date and Content-Length, and the connection goes on")
    func simple() async throws {
        try await Self.run { (_, connection) throws in
            for _ in 0..<3 {
                let answer = try connection.exchange("GET", "/hello")
                #expect(answer.status == 200)
                #expect(answer.body == "hello")
                #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
                #expect(answer.headers["content-length"] == "5")
                #expect(answer.headers["connection"] == nil)
                #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
            }
        }
    }

    @Test("HEAD is answered by the GET route, without its body")
    func head() async throws {
        try await Self.run { (_, connection) throws in
            let answer = try connection.exchange("HEAD", "/hello")
            #expect(answer.status == 200)
            #expect(answer.headers["content-length"] == "5")
            // Had a body been sent, it would be taken for the head of this answer.
            #expect(try connection.exchange("GET", "/hello").body == "hello")
            #expect(try connection.exchange("HEAD", "/nowhere").status == 404)
            #expect(try connection.exchange("HEAD", "/echo").status == 405)
            #expect(try connection.exchange("GET", "/hello").body == "hello")
        }
    }

    @Test("Statuses without a body have neither body nor length")
    func bodiless() async throws {
        try await Self.run { (_, connection) throws in
            for (path, status) in [("/empty", 204), ("/unmodified", 304)] {
                let answer = try connection.exchange("GET", path)
                #expect(answer.status == status)
                #expect(answer.headers["content-length"] == nil)
            }
            #expect(try connection.exchange("GET", "/hello").body == "hello")
        }
    }

    @Test("The request as the handler sees it")
    func request() async throws {
        try await Self.run { (server, connection) throws in
            let answer = try connection.exchange("GET", "/request?q=a+b%21&r=1", more: ["Accept: text/*"])
            #expect(
                try JSONValue(parsing: answer.body) == [
                    "method": "GET", "path": "/request", "target": "/request?q=a+b%21&r=1", "host": "127.0.0.1",
                    "q": "a b!", "header": "text/*", "hasHost": false, "remote": true,
                ]
            )
        }
    }

    @Test("Parameters and wildcards")
    func patterns() async throws {
        try await Self.run { (_, connection) throws in
            #expect(try connection.exchange("GET", "/rooms/a%2Fb/members/%C3%A9").body == "a/b|é")
            #expect(try connection.exchange("GET", "/rooms//members/x").status == 404)
            #expect(try connection.exchange("GET", "/rooms/%zz/members/x").status == 404)
            #expect(try connection.exchange("GET", "/files/a/b%20c").body == "a/b%20c")
            #expect(try connection.exchange("GET", "/files").status == 404)
        }
    }

    @Test("Bodies: by length, in chunks, none")
    func bodies() async throws {
        try await Self.run { (_, connection) throws in
            #expect(try connection.exchange("POST", "/echo", body: "abc").body == "abc")
            #expect(try connection.exchange("POST", "/echo").headers["x-length"] == "0")
            let chunked = "3;x=\"y\"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n"
            try connection.send(
                HTTPAnswer.plain("POST", "/echo", connection: nil, more: ["Transfer-Encoding: chunked"]) + chunked
            )
            #expect(try connection.answer().body == "abc0123456789")
            #expect(
                try connection.exchange("POST", "/json", more: ["Content-Type: application/json"], body: "[1]").body
                    == #"{"got":[1]}"#
            )
            #expect(
                try connection.exchange(
                    "POST",
                    "/form",
                    more: ["Content-Type: application/x-www-form-urlencoded; charset=utf-8"],
                    body: "b=1&a=x%20y"
                ).body == "x y"
            )
        }
    }

    @Test("A body of the wrong kind")
    func wrongKind() async throws {
        try await Self.run { (_, connection) throws in
            #expect(try connection.exchange("POST", "/json", body: "[1]").status == 415)
            #expect(
                try connection.exchange("POST", "/json", more: ["Content-Type: text/plain"], body: "[1]").status == 415
            )
            #expect(
                try connection.exchange("POST", "/json", more: ["Content-Type: application/ld+json"], body: "[1")
                    .status == 400
            )
            #expect(try connection.exchange("POST", "/form", body: "a=1").status == 415)
            #expect(try connection.exchange("GET", "/hello").body == "hello")
        }
    }

    @Test("Too large a body is answered 413 and ends the connection", arguments: [true, false])
    func tooLarge(_ isChunked: Bool) async throws {
        try await Self.run { (_, connection) throws in
            let body = String(repeating: "x", count: 101)
            #expect(try connection.exchange("POST", "/echo", body: String(body.dropLast())).status == 200)
            if isChunked {
                try connection.send(
                    HTTPAnswer.plain("POST", "/echo", connection: nil, more: ["Transfer-Encoding: chunked"])
                        + "64\r\n\(body.dropLast())\r\n1\r\n"
                )
            } else {
                try connection.send(HTTPAnswer.plain("POST", "/echo", connection: nil, body: body))
            }
            let answer = try connection.answer()
            #expect(answer.status == 413)
            #expect(answer.headers["connection"] == "close")
            #expect(try connection.rest() == "")
        }
        try await Self.run {
            $0.http.maximumBodyBytes = 4
        } _: { (_, connection) throws in
            #expect(try connection.exchange("PUT", "/default", body: "1234").body == "4")
            #expect(try connection.exchange("PUT", "/default", body: "12345").status == 413)
        }
    }

    @Test("An error is answered 500 without a word about it, an AGHTTPError as it says")
    func errors() async throws {
        try await Self.run { (_, connection) throws in
            let failure = try connection.exchange("GET", "/fails")
            #expect(failure.status == 500)
            #expect(failure.body == "Internal Server Error")
            let refusal = try connection.exchange("GET", "/forbidden")
            #expect(refusal.status == 401)
            #expect(refusal.body == "Log in")
            #expect(refusal.headers["www-authenticate"] == "Bearer")
            #expect(refusal.headers["x-content-type-options"] == "nosniff")
            #expect(try connection.exchange("GET", "/interim").status == 500)
            #expect(try connection.exchange("GET", "/hello").status == 200)
        }
    }

    @Test("A handler can neither begin another field nor frame the answer")
    func injection() async throws {
        try await Self.run { (_, connection) throws in
            let answer = try connection.exchange("GET", "/injects")
            #expect(answer.headers["set-cookie"] == nil)
            #expect(answer.headers["location"] == "/a  Set-Cookie: b=c")
            #expect(answer.headers["content-length"] == "1")
            #expect(answer.headers["transfer-encoding"] == nil)
            #expect(answer.headers["connection"] == nil)
            #expect(answer.body == "x")
            #expect(try connection.exchange("GET", "/hello").body == "hello")
        }
    }

    @Test("Unknown paths, other methods, OPTIONS")
    func unknown() async throws {
        try await Self.run { (_, connection) throws in
            #expect(try connection.exchange("GET", "/nowhere").status == 404)
            let other = try connection.exchange("DELETE", "/hello")
            #expect(other.status == 405)
            #expect(other.headers["allow"] == "GET, HEAD, OPTIONS")
            let options = try connection.exchange("OPTIONS", "/echo")
            #expect(options.status == 204)
            #expect(options.headers["allow"] == "POST, OPTIONS")
            #expect(try connection.exchange("OPTIONS", "*").status == 204)
            #expect(try connection.exchange("OPTIONS", "/nowhere").status == 404)
            #expect(try connection.exchange("GET", "/Hello").status == 404)
            #expect(try connection.exchange("GET", "/hello/").status == 404)
        }
    }

    @Test("A route for /health replaces the report, none is possible for the WebSocket's path")
    func builtIn() async throws {
        try await TestServer.run { _ in
        } setUp: { server in
            server.route(.get, "/health") { _ in .text("mine") }
            server.route(.get, "/socketcluster/") { _ in .text("mine") }
        } _: { (server) throws in
            #expect(try HTTPConnection(port: server.port).exchange("GET", "/health").body == "mine")
            #expect(try HTTPConnection(port: server.port).exchange("GET", "/socketcluster/").status == 426)
        }
    }

    @Test("A route can be added while the server runs")
    func late() async throws {
        try await Self.run { (server, connection) throws in
            #expect(try connection.exchange("GET", "/late").status == 404)
            server.server.route(.get, "/late") { _ in .text("late") }
            _ = await server.onLoop { _ in 0 }
            #expect(try connection.exchange("GET", "/late").body == "late")
        }
    }
}
