import SocketProtocol
import Synchronization
import Testing

@testable import Asyngular

/// Contract §1: the decisions about an upgrade, in their order, over the wire.
@Suite("HTTP upgrade", .timeLimit(.minutes(2)))
struct UpgradeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let request: String
        let status: Int
        /// Nil where the contract leaves the text open.
        let body: String?

        var testDescription: String { name }
    }

    static let rejections: [Row] = [
        Row(name: "POST", request: HTTPAnswer.request("POST"), status: 405, body: "Invalid HTTP method"),
        Row(
            name: "POST to another path",
            request: HTTPAnswer.request("POST", "/other/"),
            status: 405,
            body: "Invalid HTTP method"
        ),
        Row(name: "no key", request: HTTPAnswer.request(key: nil), status: 400, body: nil),
        Row(name: "short key", request: HTTPAnswer.request(key: "AAAA"), status: 400, body: nil),
        Row(name: "no version", request: HTTPAnswer.request(version: nil), status: 400, body: nil),
        Row(name: "version 12", request: HTTPAnswer.request(version: "12"), status: 400, body: nil),
        Row(name: "another protocol", request: HTTPAnswer.request(upgrade: "h2c"), status: 400, body: nil),
        Row(
            name: "no slash at the end",
            request: HTTPAnswer.request("GET", "/socketcluster"),
            status: 400,
            body: "Bad Request"
        ),
        Row(
            name: "not normalised",
            request: HTTPAnswer.request("GET", "//socketcluster/"),
            status: 400,
            body: "Bad Request"
        ),
        Row(
            name: "escaped",
            request: HTTPAnswer.request("GET", "/socketcluster%2F"),
            status: 400,
            body: "Bad Request"
        ),
        Row(
            name: "upper case",
            request: HTTPAnswer.request("GET", "/SocketCluster/"),
            status: 400,
            body: "Bad Request"
        ),
    ]

    @Test("A bad upgrade is answered and the connection closes", arguments: rejections)
    func rejection(_ row: Row) async throws {
        try await TestServer.run { server in
            let answer = HTTPAnswer(try TestClient.http(port: server.port, row.request))
            #expect(answer.status == row.status)
            if let body = row.body { #expect(answer.body == body) }
            #expect(answer.headers["connection"] == "close")
            #expect(answer.headers["content-type"]?.hasPrefix("text/html") == true)
            #expect(server.server.pendingClientsCount == 0)
        }
    }

    @Test(
        "A good upgrade is accepted, whatever its query",
        arguments: ["/socketcluster/", "/socketcluster/?a=1&b=x/y?z"]
    )
    func accepted(_ path: String) async throws {
        try await TestServer.run { server in
            let client = try server.client(
                path: path,
                headers: ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"]
            )
            #expect(client.responseHead.hasPrefix("HTTP/1.1 101 "))
            #expect(client.responseHead.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
            #expect(!client.responseHead.contains("Sec-WebSocket-Extensions"))
            #expect(!client.responseHead.contains("Sec-WebSocket-Protocol"))
            try client.send(TestServer.handshake())
            #expect(try await client.text().hasPrefix(#"{"rid":1,"data":{"id":"#))
        }
    }

    @Test("Version 8 is accepted too")
    func version8() async throws {
        try await TestServer.run { server in
            let descriptor = try RawClient(port: server.port)
            try descriptor.send(HTTPAnswer.request(version: "8"))
            #expect(try descriptor.readHead().hasPrefix("HTTP/1.1 101 "))
        }
    }

    @Test("The first subprotocol offered is taken")
    func subprotocol() async throws {
        try await TestServer.run { server in
            let client = try server.client(headers: ["Sec-WebSocket-Protocol: chat, superchat"])
            #expect(
                client.responseHead.contains("Sec-WebSocket-Protocol: chat\r\n")
                    || client.responseHead.hasSuffix(": chat")
            )
        }
    }

    // MARK: The filter

    struct Verdict: Sendable, CustomTestStringConvertible {
        let verdict: AGActionVerdict
        let body: String
        let warning: String

        var testDescription: String { body }
    }

    static let verdicts = [
        Verdict(verdict: .block(AGError(message: "No entry")), body: "No entry", warning: "No entry"),
        Verdict(verdict: .block(AGError(primitive: "just text")), body: "just text", warning: "just text"),
        Verdict(
            verdict: .blockSilently(AGError(message: "secret")),
            body: "The handshakeWS AGAction was blocked by handshake middleware",
            warning: "secret"
        ),
        Verdict(verdict: .block(AGError(message: "")), body: "Unauthorized", warning: ""),
    ]

    @Test("A blocked upgrade is answered 401, before the origin is looked at", arguments: verdicts)
    func filter(_ row: Verdict) async throws {
        try await TestServer.run {
            $0.origins = "example.com:*"
            $0.actionFilter = AGActionFilter(for: [.handshakeWS]) { action in
                #expect(action.kind == .handshakeWS)
                #expect(action.socket == nil)
                #expect(action.request.header("x-test") == "yes")
                return row.verdict
            }
        } _: { server in
            let warnings = server.server.listener(.warning)
            let answer = HTTPAnswer(
                try TestClient.http(
                    port: server.port,
                    HTTPAnswer.request(more: ["Origin: http://evil.org", "X-Test: yes"])
                )
            )
            #expect(answer.status == 401)
            #expect(answer.body == row.body)
            #expect(try await warnings.once(timeout: .seconds(20)).error.message == row.warning)
        }
    }

    @Test("The filter is not asked about another path, and without middlewareEmitFailures nothing is reported")
    func filterOrder() async throws {
        let asked = Mutex(0)
        try await TestServer.run {
            $0.middlewareEmitFailures = false
            $0.actionFilter = AGActionFilter(for: [.handshakeWS]) { _ in
                asked.withLock { $0 += 1 }
                return .block(AGError(message: "No"))
            }
        } _: { server in
            let wrongPath = HTTPAnswer(try TestClient.http(port: server.port, HTTPAnswer.request("GET", "/x")))
            #expect(wrongPath.status == 400)
            #expect(asked.withLock { $0 } == 0)
            let blocked = HTTPAnswer(try TestClient.http(port: server.port, HTTPAnswer.request()))
            #expect(blocked.status == 401)
            #expect(asked.withLock { $0 } == 1)
            #expect(!server.eventNames.contains("warning"))
        }
    }

    // MARK: Origins

    struct OriginRow: Sendable, CustomTestStringConvertible {
        let origins: String
        let origin: String?
        let isAllowed: Bool

        var testDescription: String { "\(origins) | \(origin ?? "none")" }
    }

    static let originRows = [
        OriginRow(origins: "*:*", origin: nil, isAllowed: true),
        OriginRow(origins: "*:*", origin: "http://anything.example", isAllowed: true),
        OriginRow(origins: "*:*", origin: "null", isAllowed: true),
        OriginRow(origins: "example.com:*", origin: "https://example.com", isAllowed: true),
        OriginRow(origins: "example.com:443", origin: "https://EXAMPLE.com", isAllowed: true),
        OriginRow(origins: "example.com:80", origin: "https://example.com", isAllowed: false),
        OriginRow(origins: "*:8080", origin: "http://a.example:8080", isAllowed: true),
        OriginRow(origins: "a.example:1, b.example:2", origin: "http://b.example:2", isAllowed: true),
        // Contract §20.9: no substrings.
        OriginRow(origins: "my-example.com:*", origin: "http://example.com", isAllowed: false),
        OriginRow(origins: "example.com:*", origin: "http://le.com", isAllowed: false),
        OriginRow(origins: "example.com:*", origin: nil, isAllowed: false),
        OriginRow(origins: "*:80", origin: nil, isAllowed: true),
    ]

    @Test("Origins", arguments: originRows)
    func origins(_ row: OriginRow) async throws {
        try await TestServer.run {
            $0.origins = row.origins
        } _: { server in
            let headers = row.origin.map { ["Origin: \($0)"] } ?? []
            if row.isAllowed {
                #expect(try server.client(headers: headers).responseHead.hasPrefix("HTTP/1.1 101 "))
                return
            }
            let warnings = server.server.listener(.warning)
            let answer = HTTPAnswer(try TestClient.http(port: server.port, HTTPAnswer.request(more: headers)))
            let text = "Failed to authorize socket handshake - Invalid origin: \(row.origin ?? "*")"
            #expect(answer.status == 403)
            #expect(answer.body == text)
            let warning = try await warnings.once(timeout: .seconds(20))
            #expect(warning.error == AGError(name: "ServerProtocolError", message: text))
        }
    }

    // MARK: What follows the head

    @Test("Frames right behind the request are processed, split anywhere", arguments: [0, 1, 5, 30])
    func behind(_ split: Int) async throws {
        try await TestServer.run { server in
            let frames =
                TestClient.frame(.text, Array(TestServer.handshake().utf8))
                + TestClient.frame(.text, Array(#"{"event":"echo","data":7,"cid":2}"#.utf8))
            let first = split == 0 ? frames.count : split
            let client = try server.client(behind: Array(frames[..<first]))
            if first < frames.count { try client.sendRaw(Array(frames[first...])) }
            #expect(try await client.text().hasPrefix(#"{"rid":1,"data":{"id":"#))
            try await client.expect(#"{"rid":2,"data":7}"#)
        }
    }

    @Test("A request that comes byte by byte is taken all the same")
    func dribbling() async throws {
        try await TestServer.run { server in
            let raw = try RawClient(port: server.port)
            for byte in HTTPAnswer.request().utf8 { try raw.send([byte]) }
            #expect(try raw.readHead().hasPrefix("HTTP/1.1 101 "))
        }
    }
}
