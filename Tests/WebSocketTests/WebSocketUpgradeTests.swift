import Testing

@testable import WebSocket

@Suite struct WebSocketUpgradeTests {
    static let valid = [
        "Host": "server.example.com", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
    ]

    @Test func exampleOfRFC6455() throws {
        // §1.2
        let head = try #require(
            try head(
                request(
                    "GET /chat HTTP/1.1",
                    "Host: server.example.com",
                    "Upgrade: websocket",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "Origin: http://example.com",
                    "Sec-WebSocket-Protocol: chat, superchat",
                    "Sec-WebSocket-Version: 13"
                )
            )
        )
        let expected = UpgradeRequest(
            key: try #require(WebSocketKey("dGhlIHNhbXBsZSBub25jZQ==")),
            version: 13,
            origin: "http://example.com",
            subprotocols: ["chat", "superchat"]
        )
        #expect(WebSocketUpgrade.evaluate(head) == .accept(expected))
        #expect(
            String(decoding: expected.response(), as: UTF8.self)
                == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
        )
    }

    @Test func onlyAnOfferedSubprotocolIsAnswered() throws {
        let key = try #require(WebSocketKey("dGhlIHNhbXBsZSBub25jZQ=="))
        let request = UpgradeRequest(key: key, subprotocols: ["a", "b"])
        #expect(String(decoding: request.response(subprotocol: "b"), as: UTF8.self).contains("-Protocol: b\r\n"))
        #expect(!String(decoding: request.response(subprotocol: "c"), as: UTF8.self).contains("-Protocol"))
        #expect(!String(decoding: request.response(subprotocol: nil), as: UTF8.self).contains("-Protocol"))
    }

    /// What nearly every connection gets is the same, written in place.
    @Test func plainResponse() throws {
        let request = UpgradeRequest(key: try #require(WebSocketKey("dGhlIHNhbXBsZSBub25jZQ==")))
        var output = [UInt8](repeating: 0, count: UpgradeRequest.plainResponseLength)
        unsafe output.withUnsafeMutableBytes { unsafe request.writePlainResponse(into: $0, with: AcceptHasher()) }
        #expect(output == request.response())
    }

    @Test func extensionsAreDeclined() throws {
        let offer = "permessage-deflate; client_max_window_bits"
        guard case .accept(let request) = try Self.evaluate(["Sec-WebSocket-Extensions": offer]) else {
            Issue.record("not accepted")
            return
        }
        #expect(!String(decoding: request.response(), as: UTF8.self).contains("Extensions"))
    }

    /// Changes to a valid request that leave it valid; nil removes a field.
    static let accepted: [[String: String?]] = [
        [:], ["Upgrade": "WebSocket"], ["Upgrade": "h2c, websocket"], ["Connection": "keep-alive, Upgrade"],
        ["Connection": "UPGRADE"], ["Sec-WebSocket-Version": "8"], ["Content-Length": "0"],
        ["Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="], ["Sec-WebSocket-Key": "+/+/+/+/+/+/+/+/+/+/+/=="],
        ["Sec-WebSocket-Extensions": ";;;"],
    ]

    @Test(arguments: accepted)
    func accepts(_ changes: [String: String?]) throws {
        guard case .accept = try Self.evaluate(changes) else {
            Issue.record("not accepted")
            return
        }
    }

    static let rejected: [([String: String?], String)] = [
        (["Upgrade": "foo"], "Invalid Upgrade header"), (["Upgrade": "websocket2"], "Invalid Upgrade header"),
        (["Upgrade": ""], "Invalid Upgrade header"), (["Upgrade": "web socket"], "Invalid Upgrade header"),
        (["Upgrade": "constructor"], "Invalid Upgrade header"),
        (["Connection": nil], "Invalid Connection header"), (["Connection": "keep-alive"], "Invalid Connection header"),
        (["Connection": "Upgraded"], "Invalid Connection header"),
        (["Sec-WebSocket-Key": nil], "Missing or invalid Sec-WebSocket-Key header"),
        (["Sec-WebSocket-Key": ""], "Missing or invalid Sec-WebSocket-Key header"),
        (["Sec-WebSocket-Key": "short"], "Missing or invalid Sec-WebSocket-Key header"),
        (["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ"], "Missing or invalid Sec-WebSocket-Key header"),
        (["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ= "], "Missing or invalid Sec-WebSocket-Key header"),
        (["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZWE="], "Missing or invalid Sec-WebSocket-Key header"),
        (["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==="], "Missing or invalid Sec-WebSocket-Key header"),
        (["Sec-WebSocket-Key": "dGhlIHNhbXBsZS_ub25jZQ=="], "Missing or invalid Sec-WebSocket-Key header"),
        (["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25j===="], "Missing or invalid Sec-WebSocket-Key header"),
        (["Sec-WebSocket-Protocol": "a,,b"], "Invalid Sec-WebSocket-Protocol header"),
        (["Sec-WebSocket-Protocol": "a b"], "Invalid Sec-WebSocket-Protocol header"),
        (["Sec-WebSocket-Protocol": "a, a"], "Invalid Sec-WebSocket-Protocol header"),
        (["Sec-WebSocket-Protocol": ""], "Invalid Sec-WebSocket-Protocol header"),
        (["Content-Length": "1"], "Invalid Content-Length header"),
        (["Transfer-Encoding": "chunked"], "Invalid Transfer-Encoding header"),
    ]

    @Test(arguments: rejected)
    func rejectsNamingTheHeader(_ changes: [String: String?], _ message: String) throws {
        #expect(try Self.evaluate(changes) == .rejected(HTTPError(status: 400, message: message)))
    }

    @Test(arguments: [nil, "", "12", "14", "7", "0", "13, 8", "013", "13.0", "-13", "abc"] as [String?])
    func wrongVersionIsToldTheRightOnes(_ version: String?) throws {
        let expected = HTTPError(
            status: 400,
            message: "Missing or invalid Sec-WebSocket-Version header",
            headers: [.init(name: "Sec-WebSocket-Version", value: "13, 8")]
        )
        #expect(try Self.evaluate(["Sec-WebSocket-Version": version]) == .rejected(expected))
    }

    @Test(arguments: ["POST", "HEAD", "get", "CONNECT"])
    func methodIsGET(_ method: String) throws {
        let expected = HTTPError(
            status: 405,
            message: "Invalid HTTP method",
            headers: [.init(name: "Allow", value: "GET")]
        )
        // The method is checked before everything else.
        let changes: [String: String?] = ["Sec-WebSocket-Key": nil]
        #expect(try Self.evaluate(changes, line: "\(method) / HTTP/1.1") == .rejected(expected))
    }

    @Test func version10HasNoUpgrade() throws {
        let result = try Self.evaluate([:], line: "GET / HTTP/1.0")
        #expect(result == .rejected(HTTPError(status: 400, message: "Invalid HTTP version")))
    }

    @Test(arguments: [
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Missing or invalid Sec-WebSocket-Key header"),
        ("Sec-WebSocket-Version: 13", "Missing or invalid Sec-WebSocket-Version header"),
        ("Origin: http://b.com", "Invalid Origin header"),
    ])
    func fieldsThatMustNotRepeat(_ line: String, _ message: String) throws {
        let head = try #require(try head(Self.bytes(["Origin": "http://a.com"], line: "GET / HTTP/1.1", extra: line)))
        guard case .rejected(let error) = WebSocketUpgrade.evaluate(head) else {
            Issue.record("not rejected")
            return
        }
        #expect(error.status == 400 && error.message == message)
    }

    @Test func subprotocolsOfSeveralLinesJoin() throws {
        let bytes = Self.bytes(
            ["Sec-WebSocket-Protocol": "a, b"],
            line: "GET / HTTP/1.1",
            extra: "Sec-WebSocket-Protocol: c"
        )
        guard case .accept(let request) = WebSocketUpgrade.evaluate(try #require(try head(bytes))) else {
            Issue.record("not accepted")
            return
        }
        #expect(Set(request.subprotocols) == ["a", "b", "c"])
    }

    @Test func originOfVersion8() throws {
        let fields: [String: String?] = ["Origin": "http://a.com", "Sec-WebSocket-Origin": "http://b.com"]
        guard case .accept(let thirteen) = try Self.evaluate(fields) else {
            Issue.record("not accepted")
            return
        }
        #expect(thirteen.origin == "http://a.com")
        let eight = fields.merging(["Sec-WebSocket-Version": "8"]) { $1 }
        guard case .accept(let request) = try Self.evaluate(eight) else {
            Issue.record("not accepted")
            return
        }
        #expect(request.origin == "http://b.com" && request.version == 8)
    }

    @Test func ordinaryRequestsAreNoUpgrade() throws {
        for method in ["GET", "POST"] {
            let plain = try #require(try head(request("\(method) / HTTP/1.1", "Host: x")))
            #expect(WebSocketUpgrade.evaluate(plain) == .notUpgrade)
            // As `curl --http2` and Java's client offer on every plain request.
            let offer = try #require(
                try head(
                    request(
                        "\(method) / HTTP/1.1",
                        "Host: x",
                        "Connection: Upgrade, HTTP2-Settings",
                        "Upgrade: h2c",
                        "HTTP2-Settings: AAMAAABk"
                    )
                )
            )
            #expect(WebSocketUpgrade.evaluate(offer) == .notUpgrade)
        }
        #expect(WebSocketUpgrade.upgradeRequired.status == 426)
        #expect(WebSocketUpgrade.upgradeRequired.headers.contains(.init(name: "Upgrade", value: "websocket")))
        #expect(WebSocketUpgrade.wrongPath == HTTPError(status: 400, message: "Bad Request"))
    }

    /// Decides on the valid request with changes.
    static func evaluate(
        _ changes: [String: String?],
        line: String = "GET /socketcluster/ HTTP/1.1"
    ) throws -> WebSocketUpgrade.Result {
        WebSocketUpgrade.evaluate(try #require(try head(bytes(changes, line: line))))
    }

    static func bytes(_ changes: [String: String?], line: String, extra: String? = nil) -> [UInt8] {
        var fields: [String: String] = valid
        for (name, value) in changes { fields[name] = value }
        let lines = [line] + fields.map { "\($0): \($1)" } + (extra.map { [$0] } ?? [])
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}
