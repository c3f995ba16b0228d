import Testing

@testable import WebSocket

@Suite struct HTTPTunnelTests {
    @Test func requests() throws {
        let credentials = try BasicCredentials(user: "Aladdin", password: "open sesame")
        let plain = try HTTPTunnel.request(authority: "[::1]:443")
        #expect(String(decoding: plain, as: UTF8.self) == "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n")
        let full = try HTTPTunnel.request(
            authority: "a:1",
            credentials: credentials,
            headers: [.init(name: "X", value: "y")]
        )
        // RFC 7617 §2
        let expected =
            "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nX: y\r\n\r\n"
        #expect(String(decoding: full, as: UTF8.self) == expected)
    }

    @Test(arguments: ["", "a b:1", "a:1\r\nX: y", "\u{E9}:1"])
    func badAuthority(_ authority: String) {
        #expect(throws: HTTPHeaderError.self) { try HTTPTunnel.request(authority: authority) }
    }

    @Test(arguments: [("A", "b\r\nc"), ("host", "b"), ("A b", "c")])
    func badHeader(_ name: String, _ value: String) {
        #expect(throws: HTTPHeaderError.self) {
            try HTTPTunnel.request(authority: "a:1", headers: [.init(name: name, value: value)])
        }
    }

    private func outcome(_ bytes: [UInt8]) -> Outcome<Bool, HTTPTunnel.Failure> {
        let outcomes = waysToCut(bytes).map { chunks in
            var tunnel = HTTPTunnel()
            return feed(chunks) { (input, position) throws(HTTPTunnel.Failure) -> Bool? in
                position = input.byteCount
                return try tunnel.receive(input) ? true : nil
            }
        }
        for other in outcomes { #expect(other == outcomes[0]) }
        return outcomes[0]
    }

    @Test(arguments: [
        response("HTTP/1.1 200 Connection established"), response("HTTP/1.0 200 OK", "Content-Length: 5"),
        response("HTTP/1.1 204"), response("HTTP/1.1 100 Continue") + response("HTTP/1.1 200 OK"),
    ])
    func established(_ bytes: [UInt8]) {
        #expect(outcome(bytes) == .value(true, consumed: bytes.count))
    }

    static let refusals: [([UInt8], HTTPTunnel.Failure)] = [
        (
            response("HTTP/1.1 407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=\"x\""),
            .refused(status: 407, reason: "Proxy Authentication Required")
        ),
        (response("HTTP/1.1 502 Bad Gateway"), .refused(status: 502, reason: "Bad Gateway")),
        (response("HTTP/1.1 101 Switching Protocols"), .refused(status: 101, reason: "Switching Protocols")),
        (response("HTTP/1.1 302 Found"), .refused(status: 302, reason: "Found")),
        (response("HTTP/1.1 200 OK", "a b"), .invalidResponse(.invalidHeader)),
        (Array("\u{5}\0".utf8), .invalidResponse(.invalidStatusLine)),
        (Array(repeatElement(response("HTTP/1.1 100"), count: 9).joined()), .tooManyInterimResponses),
    ]

    @Test(arguments: refusals)
    func refused(_ bytes: [UInt8], _ expected: HTTPTunnel.Failure) {
        #expect(outcome(bytes) == .error(expected))
    }

    /// In one piece with the answer. What comes later is the tunnel's.
    @Test func dataBehindTheAnswer() {
        var tunnel = HTTPTunnel()
        let bytes = response("HTTP/1.1 200 OK") + [1]
        #expect(throws: HTTPTunnel.Failure.unexpectedData) { try unsafe tunnel.receive(bytes.span.bytes) }
    }

    @Test func credentialsAreNotPrinted() throws {
        let credentials = try BasicCredentials(user: "somebody", password: "hunter2")
        var dumped = ""
        dump(credentials, to: &dumped)
        let shown = "\(credentials)\(String(reflecting: credentials))\(dumped)"
        #expect(!shown.contains("hunter2") && !shown.contains("somebody"))
    }

    @Test(arguments: [("a:b", "c"), ("a\n", "c"), ("a", "c\r"), ("a", "\0")])
    func badCredentials(_ user: String, _ password: String) {
        #expect(throws: HTTPHeaderError.self) { try BasicCredentials(user: user, password: password) }
    }
}
