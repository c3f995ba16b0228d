import Testing

@testable import WebSocket

@Suite struct ClientUpgradeTests {
    private let key = "dGhlIHNhbXBsZSBub25jZQ=="

    private func text(_ upgrade: ClientUpgrade) throws -> String {
        String(decoding: try upgrade.request(key: key), as: UTF8.self)
    }

    @Test func plainRequest() throws {
        let expected = """
            GET /chat?x=1 HTTP/1.1\r
            Host: example.com:8000\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            \r

            """
        #expect(try text(ClientUpgrade(host: "example.com:8000", target: "/chat?x=1")) == expected)
    }

    /// What is written is what the server's side reads.
    @Test func serverAcceptsIt() throws {
        let upgrade = ClientUpgrade(
            host: "[::1]",
            origin: "http://a.example",
            subprotocols: ["chat", "superchat"],
            extensions: "permessage-deflate; client_max_window_bits",
            headers: [.init(name: "Cookie", value: "a=b"), .init(name: "X-\u{7E}", value: "\u{E9}\tx")]
        )
        let bytes = try upgrade.request(key: key)
        var parser = HTTPRequestParser()
        var position = 0
        let head = try #require(try receive(bytes, &parser, &position))
        #expect(position == bytes.count)
        guard case .accept(let request) = WebSocketUpgrade.evaluate(head) else {
            Issue.record("refused")
            return
        }
        #expect(request.key.description == key && request.version == 13 && request.origin == "http://a.example")
        #expect(request.subprotocols == ["chat", "superchat"])
        #expect(head.header("Cookie") == "a=b" && head.header("x-~") == "\u{E9}\tx" && head.header("host") == "[::1]")
        #expect(head.header("sec-websocket-extensions") == "permessage-deflate; client_max_window_bits")
    }

    @Test func ownHost() throws {
        let upgrade = ClientUpgrade(host: "a", headers: [.init(name: "hOsT", value: "b")])
        #expect(try text(upgrade).contains("\r\nHost: b\r\n"))
        #expect(try !text(upgrade).contains("Host: a"))
    }

    static let badFields: [(HTTPHeaderField, HTTPHeaderError)] = [
        (.init(name: "A", value: "b\r\nC: d"), .invalidValue(name: "A")),
        (.init(name: "A", value: "b\nC: d"), .invalidValue(name: "A")),
        (.init(name: "A", value: "b\0"), .invalidValue(name: "A")), (.init(name: "A:", value: "b"), .invalidName),
        (.init(name: "A\r\nB", value: "b"), .invalidName), (.init(name: "", value: "b"), .invalidName),
        (.init(name: "A B", value: "b"), .invalidName),
        (.init(name: "Host", value: "a\r\nB: c"), .invalidValue(name: "Host")),
        (.init(name: "upgrade", value: "h2c"), .reserved(name: "Upgrade")),
        (.init(name: "Sec-WebSocket-key", value: "x"), .reserved(name: "Sec-WebSocket-Key")),
        (.init(name: "content-length", value: "1"), .reserved(name: "Content-Length")),
    ]

    @Test(arguments: badFields)
    func badField(_ field: HTTPHeaderField, _ expected: HTTPHeaderError) {
        #expect(throws: expected) { try ClientUpgrade(host: "a", headers: [field]).request(key: key) }
        #expect(!expected.description.contains("C: d"))
    }

    @Test(arguments: ["", "a", "/ a", "/\r\nA: b", "/\u{E9}", "/#a", "?a"])
    func badTarget(_ target: String) {
        #expect(throws: HTTPHeaderError.self) { try ClientUpgrade(host: "a", target: target).request(key: key) }
    }

    @Test(arguments: ["", "a b", "a,b", "a\r\nb"])
    func badSubprotocol(_ name: String) {
        #expect(throws: HTTPHeaderError.self) { try ClientUpgrade(host: "a", subprotocols: [name]).request(key: key) }
    }

    @Test(arguments: ["a\r\nB: c", "a\n"])
    func badHostAndOrigin(_ text: String) {
        #expect(throws: HTTPHeaderError.self) { try ClientUpgrade(host: text).request(key: key) }
        #expect(throws: HTTPHeaderError.self) { try ClientUpgrade(host: "a", origin: text).request(key: key) }
        #expect(throws: HTTPHeaderError.self) { try ClientUpgrade(host: "a", extensions: text).request(key: key) }
    }

    @Test func keys() {
        // RFC 6455 §1.3
        #expect(ClientUpgrade.key(from: Array("the sample nonce".utf8)) == "dGhlIHNhbXBsZSBub25jZQ==")
    }

    @Test func secretsAreNotPrinted() {
        let upgrade = ClientUpgrade(host: "a", target: "/?t=hunter2", headers: [.init(name: "A", value: "hunter2")])
        var dumped = ""
        dump(upgrade, to: &dumped)
        #expect(!"\(upgrade)\(String(reflecting: upgrade))\(dumped)".contains("hunter2"))
    }
}
