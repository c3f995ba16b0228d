import Testing

@testable import WebSocket

@Suite struct OriginPolicyTests {
    struct Row: CustomTestStringConvertible {
        var origins: String
        var origin: String?
        var allowed: Bool

        init(_ origins: String, _ origin: String?, _ allowed: Bool) {
            self.origins = origins
            self.origin = origin
            self.allowed = allowed
        }

        var testDescription: String { "\(origins) | \(origin ?? "none") | \(allowed)" }
    }

    static let rows: [Row] = [
        .init("*:*", nil, true), .init("*:*", "null", true), .init("*:*", "nonsense", true),
        .init("a.com:1 *:*", "http://b.com", true),
        .init("example.com:80", "http://example.com", true), .init("example.com:443", "http://example.com", false),
        .init("example.com:443", "https://example.com", true), .init("example.com:80", "https://example.com", false),
        .init("example.com:8000", "http://example.com:8000", true),
        .init("example.com:8000", "https://example.com:8001", false),
        .init("example.com:*", "http://example.com:1234", true), .init("example.com:*", "https://example.com", true),
        .init("example.com:*", "https://EXAMPLE.com", true), .init("EXAMPLE.com:*", "https://example.com", true),
        .init("*:443", "https://anything.org", true), .init("*:443", "http://anything.org", false),
        .init("*:8443", "http://anything.org:8443", true),
        // Contract §20.9: no substring search.
        .init("my-example.com:*", "http://example.com", false), .init("example.com:*", "http://le.com", false),
        .init("example.com:*", "http://my-example.com", false),
        .init("example.com:8000", "http://example.com:800", false),
        .init("example.com:*", "http://example.com.evil.org", false), .init("example.com:80", "http://e.com", false),
        // A list as a text: white space or commas.
        .init("a.com:*, b.com:80\tc.com:443\nd.com:1", "http://b.com", true),
        .init("a.com:*, b.com:80\tc.com:443\nd.com:1", "https://c.com", true),
        .init("a.com:*, b.com:80\tc.com:443\nd.com:1", "http://d.com:1", true),
        .init("a.com:*, b.com:80\tc.com:443\nd.com:1", "http://e.com", false),
        .init("", "http://example.com", false), .init("", nil, false), .init(" , ", "http://example.com", false),
        // The placeholder of a missing origin has port 80.
        .init("*:80", nil, true), .init("*:80", "null", true), .init("*:80", "*", true),
        .init("example.com:*", nil, false), .init("*:443", nil, false), .init("example.com:80", "null", false),
        // Explicit ports that repeat the default, other schemes.
        .init("example.com:443", "https://example.com:443", true), .init("example.com:80", "ws://example.com", true),
        .init("example.com:80", "http://example.com:", true), .init("example.com:80", "http://example.com/", true),
        // IPv6, with and without brackets.
        .init("::1:8000", "http://[::1]:8000", true), .init("[::1]:8000", "http://[::1]:8000", true),
        .init("[::1]:*", "http://[::1]:9", true), .init("[::1]:80", "http://[::2]", false),
        // What no browser sends is refused, as long as the list is restricted.
        .init("example.com:*", "example.com", false), .init("*:80", "example.com", false),
        .init("example.com:*", "http://user@example.com", false),
        .init("example.com:*", "http://example.com@evil.org", false),
        .init("example.com:*", "http://evil.org/example.com", false),
        .init("example.com:*", "http://evil.org?http://example.com", false),
        .init("example.com:*", "http://evil.org\\@example.com", false),
        .init("example.com:*", "http://example.com#x", false), .init("example.com:*", "http:example.com", false),
        .init("example.com:*", "http://example.com:99999", false),
        .init("example.com:*", "http://example.com:+80", false),
        .init("example.com:*", "http://example.com, http://evil.org", false), .init("*:80", "http://", false),
        .init("*:80", "", false), .init("*:80", "://x", false), .init("*:80", "http://[::1", false),
        .init("*:80", "http://[]", false), .init("*:80", "http://[x]", false),
        // An entry's star is no host name, nor a port.
        .init("*:80", "http://*", false), .init("example.com:*", "http://example.com:*", false),
    ]

    @Test(arguments: rows)
    func decides(_ row: Row) {
        #expect(OriginPolicy(row.origins).allows(row.origin) == row.allowed)
    }

    @Test func listsMatchElementsWhole() {
        let policy = OriginPolicy(["a.com:*", "b.com:80, c.com:80"])
        #expect(policy.allows("http://a.com"))
        #expect(!policy.allows("http://c.com"))
        #expect(!OriginPolicy([String]()).allows("http://a.com"))
    }

    @Test func theDefaultAllowsAll() {
        #expect(OriginPolicy().allows("http://anything.org:1"))
        #expect(OriginPolicy.any == OriginPolicy("*:*"))
    }

    @Test(
        arguments: [
            ("http://evil.org", "http://evil.org"), (nil, "*"), ("null", "*"),
        ] as [(String?, String)]
    )
    func rejection(_ origin: String?, _ shown: String) {
        let error = OriginPolicy.rejection(of: origin)
        #expect(error.status == 403)
        #expect(error.message == "Failed to authorize socket handshake - Invalid origin: \(shown)")
    }
}
