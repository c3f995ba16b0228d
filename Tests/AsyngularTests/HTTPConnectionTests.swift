import HTTPTypes
import Synchronization
import Testing

@testable import Asyngular

/// The life of a connection that speaks HTTP: order, limits, deadlines, the end.
@Suite("HTTP connections", .timeLimit(.minutes(2)))
struct HTTPConnectionTests {
    private static func run(
        _ configure: (inout AGServerOptions) -> Void = { _ in },
        _ body: (TestServer, HTTPConnection, Gate) async throws -> Void
    ) async throws {
        let gate = Gate()
        try await TestServer.run(configure) { server in
            HTTPRoutesTests.install(on: server)
            server.route(.get, "/gated") { _ in
                try await gate.wait()
                return .text("gated")
            }
            server.route(.get, "/large") { _ in .init(body: [UInt8](repeating: 0x78, count: 6 << 20)) }
        } _: { server in
            try await body(server, try HTTPConnection(port: server.port), gate)
        }
    }

    private static func get(_ path: String) -> String { HTTPAnswer.plain("GET", path, connection: nil) }

    // MARK: Order

    @Test("Requests sent ahead are answered in order")
    func pipelining() async throws {
        try await Self.run { (_, connection, gate) throws in
            let post = HTTPAnswer.plain("POST", "/echo", connection: nil, body: "abc")
            let all = Self.get("/gated") + post + Self.get("/nowhere") + Self.get("/health") + Self.get("/gated")
            try connection.send(all + Self.get("/hello"))
            await gate.event()
            gate.open()
            #expect(try connection.answer().body == "gated")
            #expect(try connection.answer().body == "abc")
            #expect(try connection.answer().status == 404)
            #expect(try connection.answer().headers["content-type"] == "application/json")
            await gate.event()
            gate.open()
            #expect(try connection.answer().body == "gated")
            #expect(try connection.answer().body == "hello")
            #expect(gate.arrived == 2)
        }
    }

    @Test("A request is not begun before the one ahead is answered")
    func oneAtATime() async throws {
        try await Self.run { (server, connection, gate) throws in
            try connection.send(Self.get("/gated") + Self.get("/gated"))
            await gate.event()
            #expect(await server.onLoop { $0.runningRequests } == 1)
            #expect(gate.arrived == 1)
            gate.open()
            await gate.event()
            gate.open()
            for _ in 0..<2 { #expect(try connection.answer().body == "gated") }
            #expect(await server.onLoop { $0.runningRequests } == 0)
        }
    }

    @Test("What is sent ahead beyond the limit stays unread, and is answered later all the same")
    func ahead() async throws {
        try await Self.run {
            $0.http.maximumPipelinedBytes = 1000
        } _: { (server, connection, gate) throws in
            let many = 200
            try connection.send(Self.get("/gated"))
            await gate.event()
            try connection.send(String(repeating: Self.get("/hello"), count: many))
            await server.wait { $0.httpConnections.values.first?.connection?.isReading == false }
            gate.open()
            #expect(try connection.answer().body == "gated")
            for _ in 0..<many { #expect(try connection.answer().body == "hello") }
        }
    }

    @Test("A request in any pieces", arguments: [1, 2, 7])
    func pieces(_ size: Int) async throws {
        try await Self.run { (_, connection, _) throws in
            let bytes = Array(
                (HTTPAnswer.plain("POST", "/echo", connection: nil, more: ["Transfer-Encoding: chunked"])
                    + "3\r\nabc\r\n0\r\n\r\n" + Self.get("/hello")).utf8
            )
            for start in stride(from: 0, to: bytes.count, by: size) {
                try connection.send(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(try connection.answer().body == "abc")
            #expect(try connection.answer().body == "hello")
        }
    }

    // MARK: Persistence

    @Test("Connection: close ends the connection behind the answer")
    func close() async throws {
        try await Self.run { (_, connection, _) throws in
            try connection.send(HTTPAnswer.plain("GET", "/hello") + Self.get("/hello"))
            #expect(try connection.answer().headers["connection"] == "close")
            #expect(try connection.rest() == "")
        }
    }

    @Test("HTTP/1.0 closes unless asked to keep the connection")
    func http10() async throws {
        try await Self.run { (server, connection, _) throws in
            for _ in 0..<2 {
                try connection.send("GET /hello HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
                let answer = try connection.answer()
                #expect(answer.body == "hello")
                #expect(answer.headers["connection"] == "keep-alive")
            }
            try connection.send("GET /hello HTTP/1.0\r\n\r\n")
            #expect(try connection.answer().headers["connection"] == "close")
            #expect(try connection.rest() == "")
        }
    }

    @Test("A connection may make so many requests")
    func requestLimit() async throws {
        try await Self.run {
            $0.http.maximumRequestsPerConnection = 3
        } _: { (_, connection, _) throws in
            try connection.send(String(repeating: Self.get("/hello"), count: 4))
            #expect(try connection.answer().headers["connection"] == nil)
            #expect(try connection.answer().headers["connection"] == nil)
            #expect(try connection.answer().headers["connection"] == "close")
            #expect(try connection.rest() == "")
        }
    }

    // MARK: Deadlines

    @Test("An idle connection is closed without a word, one within a head with 408", arguments: [false, true])
    func idle(_ hasBegun: Bool) async throws {
        try await Self.run {
            $0.http.idleTimeout = 50
        } _: { (_, connection, _) throws in
            #expect(try connection.exchange("GET", "/hello").status == 200)
            if hasBegun { try connection.send("GET /he") }
            #expect(try connection.rest().hasPrefix(hasBegun ? "HTTP/1.1 408 " : "") == true)
            if !hasBegun { #expect(try connection.rest() == "") }
        }
    }

    @Test("A body that does not come to its end is answered 408")
    func slowBody() async throws {
        try await Self.run {
            $0.http.bodyTimeout = 50
        } _: { (_, connection, _) throws in
            try connection.send(HTTPAnswer.plain("POST", "/echo", connection: nil, more: ["Content-Length: 3"]) + "a")
            let answer = try connection.answer()
            #expect(answer.status == 408)
            #expect(answer.headers["connection"] == "close")
            #expect(try connection.rest() == "")
        }
    }

    @Test("A handler that takes too long is cancelled, its client gets 503")
    func slowHandler() async throws {
        try await Self.run {
            $0.http.handlerTimeout = 50
        } _: { (server, connection, gate) throws in
            try connection.send(Self.get("/gated") + Self.get("/hello"))
            let answer = try connection.answer()
            #expect(answer.status == 503)
            #expect(answer.headers["connection"] == "close")
            #expect(try connection.rest() == "")
            await gate.event()
            await gate.event()
            #expect(gate.cancelled == 1)
            await server.wait { $0.runningRequests == 0 }
        }
    }

    @Test("A client that goes away cancels its handler")
    func disconnect() async throws {
        try await Self.run { (server, _, gate) throws in
            do {
                let client = try HTTPConnection(port: server.port)
                try client.send(Self.get("/gated"))
                await gate.event()
                // A reset: an orderly end might still wait for the answer.
                client.reset()
            }
            await gate.event()
            #expect(gate.cancelled == 1)
            await server.wait { $0.runningRequests == 0 }
        }
    }

    // MARK: Expectations

    @Test("Expect: 100-continue is answered before the body comes")
    func expectContinue() async throws {
        try await Self.run { (_, connection, _) throws in
            try connection.send(
                HTTPAnswer.plain("POST", "/echo", connection: nil, more: ["Expect: 100-Continue", "Content-Length: 3"])
            )
            #expect(try connection.answer().status == 100)
            try connection.send("abc")
            #expect(try connection.answer().body == "abc")
            // Without a body there is nothing to wait for.
            #expect(try connection.exchange("GET", "/hello", more: ["Expect: 100-continue"]).status == 200)
            // HTTP/1.0 has no interim responses.
            try connection.send("POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx")
            #expect(try connection.answer().status == 200)
        }
    }

    @Test("A body that will not be taken is not asked for")
    func expectRefused() async throws {
        try await Self.run { (server, connection, _) throws in
            for (path, more, status) in [
                ("/echo", "Content-Length: 101", 413), ("/nowhere", "Content-Length: 1", 404),
                ("/hello", "Content-Length: 1", 405),
            ] {
                let connection = try HTTPConnection(port: server.port)
                try connection.send(
                    HTTPAnswer.plain("POST", path, connection: nil, more: ["Expect: 100-continue", more])
                )
                let answer = try connection.answer()
                #expect(answer.status == status)
                #expect(answer.headers["connection"] == "close")
            }
            #expect(try connection.exchange("GET", "/hello", more: ["Expect: miracles"]).status == 417)
            #expect(try connection.exchange("GET", "/hello").status == 200)
        }
    }

    // MARK: The end

    @Test("A client that ends its side first gets the answers to its whole requests", arguments: [false, true])
    func halfClose(_ hasRest: Bool) async throws {
        try await Self.run { (_, connection, gate) throws in
            try connection.send(Self.get("/gated") + Self.get("/hello") + (hasRest ? "GET /" : ""))
            connection.halfClose()
            await gate.event()
            gate.open()
            #expect(try connection.answer().body == "gated")
            #expect(try connection.answer().body == "hello")
            #expect(try connection.rest() == "")
        }
    }

    @Test("A body that was cut off is answered by the end")
    func halfBody() async throws {
        try await Self.run { (_, connection, _) throws in
            try connection.send(HTTPAnswer.plain("POST", "/echo", connection: nil, more: ["Content-Length: 3"]) + "ab")
            connection.halfClose()
            #expect(try connection.rest() == "")
        }
    }

    @Test("Shutdown: what runs is answered, idle connections close")
    func drain() async throws {
        try await Self.run { (server, connection, gate) throws in
            let idle = try HTTPConnection(port: server.port)
            #expect(try idle.exchange("GET", "/hello").status == 200)
            let uploading = try HTTPConnection(port: server.port)
            try uploading.send(HTTPAnswer.plain("POST", "/echo", connection: nil, more: ["Content-Length: 3"]) + "ab")
            try connection.send(Self.get("/gated") + Self.get("/hello"))
            await gate.event()
            await server.wait { $0.httpConnections.values.filter { $0.pending != nil }.count == 2 }
            async let closed: Void = server.server.close(within: .seconds(30))
            #expect(try idle.rest() == "")
            try uploading.send("c")
            let upload = try uploading.answer()
            #expect(upload.body == "abc")
            #expect(upload.headers["connection"] == "close")
            gate.open()
            let answer = try connection.answer()
            #expect(answer.body == "gated")
            #expect(answer.headers["connection"] == "close")
            #expect(try connection.rest() == "")
            await closed
        }
    }

    // MARK: Limits

    @Test("Handlers that may run at once")
    func runningLimit() async throws {
        try await Self.run {
            $0.http.maximumRunningRequests = 1
        } _: { (server, connection, gate) throws in
            try connection.send(Self.get("/gated"))
            await gate.event()
            let other = try HTTPConnection(port: server.port)
            let refused = try other.exchange("GET", "/hello")
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"] == "1")
            #expect(try other.exchange("GET", "/health").status == 200)
            gate.open()
            #expect(try connection.answer().status == 200)
            #expect(try other.exchange("GET", "/hello").status == 200)
        }
    }

    @Test("A client that reads slowly gets everything, and holds its next request back")
    func slowReader() async throws {
        try await Self.run { (server, _, _) throws in
            let connection = try HTTPConnection(port: server.port, receiveBuffer: 65536)
            try connection.send(Self.get("/large") + Self.get("/large"))
            await server.wait { $0.httpConnections.values.contains { $0.state == .flushing } }
            for _ in 0..<2 { #expect(try connection.answer().body.utf8.count == 6 << 20) }
            #expect(try connection.exchange("GET", "/hello").status == 200)
        }
    }

    @Test("A client that takes nothing any more is cut")
    func stalledReader() async throws {
        try await Self.run {
            $0.http.idleTimeout = 50
        } _: { (server, _, _) throws in
            let connection = try HTTPConnection(port: server.port, receiveBuffer: 4096)
            try connection.send(Self.get("/large"))
            await server.wait { $0.httpConnections.values.contains { $0.state == .flushing } }
            await server.wait { !$0.httpConnections.values.contains { $0.state == .flushing } }
            #expect(throws: TestClient.Failure.self) { try connection.answer() }
        }
    }

    @Test("Handlers run on the connection's loop")
    func executor() async throws {
        try await TestServer.run { _ in
        } setUp: { server in
            server.route(.get, "/loop") { _ in
                await Task.yield()
                return .text("\(server.state.withLock { $0.contexts[0].loop.isInEventLoop })")
            }
        } _: { (server) throws in
            #expect(try HTTPConnection(port: server.port).exchange("GET", "/loop").body == "true")
        }
    }

    // MARK: Smuggling

    @Test(
        "A request that two parsers could end differently is refused, and nothing behind it is read",
        arguments: [
            ("Content-Length: 3\r\nTransfer-Encoding: chunked", 400), ("Content-Length: 3\r\nContent-Length: 4", 400),
            ("Content-Length: 3\r\nContent-Length: 3", 400), ("Content-Length: 3, 3", 400), ("Content-Length: +3", 400),
            ("Content-Length: 0x3", 400), ("Content-Length: ", 400), ("Content-Length : 3", 400),
            ("Transfer-Encoding: chunked, identity", 501), ("Transfer-Encoding: xchunked", 501),
            ("Transfer-Encoding: gzip, chunked", 501),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 400),
            ("Transfer-Encoding : chunked", 400), ("X: y\r\n folded", 400), ("X: y\nTransfer-Encoding: chunked", 400),
            ("Transfer-Encoding: \u{0B}chunked", 400), ("Host: b", 400),
        ]
    )
    func smuggling(_ fields: String, _ status: Int) async throws {
        try await Self.run { (server, connection, gate) throws in
            try connection.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n0\r\n\r\n" + Self.get("/gated")
            )
            let answer = try connection.answer()
            #expect(answer.status == status)
            #expect(answer.headers["connection"] == "close")
            #expect(try connection.rest() == "")
            #expect(gate.arrived == 0)
        }
    }

    @Test("Content that looks like a request is content")
    func hidden() async throws {
        try await Self.run { (_, connection, gate) throws in
            let hidden = Self.get("/gated")
            #expect(try connection.exchange("POST", "/echo", body: hidden).body == hidden)
            #expect(gate.arrived == 0)
        }
    }
}
