import Testing
import WebSocket

@testable import AsyngularClient

@Suite("ClientEndpoint")
struct ClientEndpointTests {
    static let urls: [(String, ClientEndpoint, String)] = [
        ("ws://example.com", .init(host: "example.com"), "example.com"),
        ("WSS://example.com/a?b=c", .init(host: "example.com", isSecure: true, target: "/a?b=c"), "example.com"),
        ("http://example.com:80/", .init(host: "example.com"), "example.com"),
        ("https://example.com:80/", .init(host: "example.com", port: 80, isSecure: true), "example.com:80"),
        ("ws://example.com:443?x", .init(host: "example.com", port: 443, target: "/?x"), "example.com:443"),
        ("ws://example.com:/x", .init(host: "example.com", target: "/x"), "example.com"),
        ("ws://[::1]:8000/", .init(host: "::1", port: 8000), "[::1]:8000"),
        ("wss://[::1]", .init(host: "::1", isSecure: true), "[::1]"),
        ("ws://[fe80::1%25eth0]/", .init(host: "fe80::1%eth0"), "[fe80::1]"),
        ("ws://127.0.0.1:1/", .init(host: "127.0.0.1", port: 1), "127.0.0.1:1"),
        ("ws://a_b.example:65535/", .init(host: "a_b.example", port: 65535), "a_b.example:65535"),
        ("ws+unix:///run/a.sock:/x?y", .init(socketPath: "/run/a.sock", target: "/x?y"), "localhost"),
        ("ws+unix:/run/a%20b.sock", .init(socketPath: "/run/a b.sock"), "localhost"),
    ]

    @Test("URLs", arguments: urls)
    func url(_ url: String, _ expected: ClientEndpoint, _ hostField: String) throws {
        #expect(try ClientEndpoint(url) == expected)
        #expect(expected.hostField == hostField)
    }

    @Test(
        "What is none",
        arguments: [
            "", "example.com", "example.com:80", "ftp://example.com/", "ws:/example.com", "ws://", "ws:///x",
            "ws://:80/",
            "ws://a b/", "ws://a/ b", "ws://a/#x", "ws://user:hunter2@a/", "ws://a:0/", "ws://a:65536/", "ws://a:x/",
            "ws://a:-1/", "ws://[::1/", "ws://[a]/", "ws://[::1]x/", "ws://a\r\nb/", "ws://b\u{FC}cher.example/",
            "ws://a/\u{E9}",
            "ws://a;b/", "ws://a@b/", "ws+unix://:/x", "ws+unix:///a%2:/x", "ws+unix:///a%00b:/", "ws+unix:///a:x",
        ]
    )
    func none(_ url: String) {
        let error = #expect(throws: DialError.self) { try ClientEndpoint(url) }
        #expect(error?.code == .invalidURL)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test("The name for the certificate, and the authority for a proxy")
    func names() {
        #expect(ClientEndpoint(host: "example.com.", isSecure: true).serverName == "example.com")
        #expect(ClientEndpoint(host: "fe80::1%eth0").serverName == "fe80::1")
        #expect(ClientEndpoint(host: "::1", isSecure: true).authority == "[::1]:443")
    }

    @Test("The query is not printed")
    func secrets() throws {
        let endpoint = try ClientEndpoint("ws://a/b?token=hunter2")
        var dumped = ""
        dump(endpoint, to: &dumped)
        #expect(!"\(endpoint)\(String(reflecting: endpoint))\(dumped)".contains("hunter2"))
        #expect(endpoint.description == "ws://a/b")
        #expect(try ClientEndpoint("ws+unix:///a:/b?c").description == "ws+unix:///a:/b")
    }

    static let proxies: [(String, String, UInt16, String?)] = [
        ("http://proxy.example", "proxy.example", 80, nil), ("proxy.example:3128", "proxy.example", 3128, nil),
        ("http://[::1]:3128/", "::1", 3128, nil),
        ("http://Aladdin:open%20sesame@proxy.example:1", "proxy.example", 1, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("http://user@proxy.example", "proxy.example", 80, "Basic dXNlcjo="),
        ("http://a:b:c@d@proxy.example", "proxy.example", 80, "Basic YTpiOmNAZA=="),
    ]

    @Test("Proxies", arguments: proxies)
    func proxy(_ url: String, _ host: String, _ port: UInt16, _ credentials: String?) throws {
        let proxy = try HTTPProxy(url)
        #expect(proxy.host == host && proxy.port == port && proxy.credentials?.fieldValue == credentials)
    }

    @Test(
        "No proxies",
        arguments: [
            "", "https://a", "socks5://a", "http://", "http://hunter2%0d@a", "http://a%3Ab:hunter2@c", "http://a/b",
            "hunter2%@a",
        ]
    )
    func noProxy(_ url: String) {
        let error = #expect(throws: DialError.self) { try HTTPProxy(url) }
        #expect(error?.description.contains("hunter2") == false)
    }
}
