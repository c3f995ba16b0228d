import Testing

@testable import WebSocket

@Suite struct HTTPRequestHeadTests {
    @Test func parts() throws {
        let head = try #require(
            try head(request("POST /a/b?c=d&c=e?f HTTP/1.1", "Host: x", "X-A: 1", "x-a:  2 ", "Content-Length: 5"))
        )
        #expect(head.method == "POST" && head.isMethod("POST") && !head.isMethod("post") && !head.isMethod("POS"))
        #expect(head.target == "/a/b?c=d&c=e?f")
        #expect(head.path == "/a/b" && head.isPath("/a/b") && !head.isPath("/a/b/") && !head.isPath("/a"))
        #expect(head.query == "c=d&c=e?f")
        #expect(head.version == .http11)
        #expect(head.contentLength == 5 && head.hasBody && !head.isChunked)
        #expect(head.header("X-A") == "1" && head.header("x-a" as String) == "1")
        #expect(head.all("X-a") == ["1", "2"] && head.count(of: "X-A") == 2)
        #expect(head.header("X-B") == nil && head.all("X-B").isEmpty && head.header("X-" as String) == nil)
        #expect(head.headers.map(\.name) == ["Host", "X-A", "x-a", "Content-Length"])
        #expect(head.headers.map(\.value) == ["x", "1", "2", "5"])
    }

    /// Fields and query carry tokens and cookies.
    @Test func printsNoSecret() throws {
        let head = try #require(
            try head(request("GET /a?token=secret-1 HTTP/1.1", "Host: x", "Cookie: sid=secret-2"))
        )
        var dumped = ""
        dump(head, to: &dumped)
        for text in ["\(head)", String(reflecting: head), dumped] { #expect(!text.contains("secret")) }
        #expect("\(head)" == "GET /a")
    }

    @Test(
        arguments: [
            ("/", "/", nil), ("/?", "/", ""), ("/a?b", "/a", "b"), ("/a?b?c", "/a", "b?c"), ("*", "*", nil),
            ("http://example.com/a/b?c", "/a/b", "c"), ("http://example.com/", "/", nil),
            ("http://example.com", "http://example.com", nil), ("http://example.com?a/b", "http://example.com", "a/b"),
            ("//a/b", "//a/b", nil), ("/a%2F", "/a%2F", nil), ("example.com:443", "example.com:443", nil),
        ] as [(String, String, String?)]
    )
    func pathAndQuery(_ target: String, _ path: String, _ query: String?) throws {
        let head = try #require(try head(request("GET \(target) HTTP/1.1", "Host: x")))
        #expect(head.target == target)
        #expect(head.path == path && head.isPath(path))
        #expect(head.query == query)
    }

    @Test(
        arguments: [
            ("HTTP/1.1", nil, true), ("HTTP/1.1", "close", false), ("HTTP/1.1", "Upgrade, Close", false),
            ("HTTP/1.1", "closed", true), ("HTTP/1.0", nil, false), ("HTTP/1.0", "Keep-Alive", true),
        ] as [(String, String?, Bool)]
    )
    func keepAlive(_ version: String, _ connection: String?, _ expected: Bool) throws {
        let bytes =
            connection.map { request("GET / \(version)", "Host: x", "Connection: \($0)") }
            ?? request("GET / \(version)", "Host: x")
        #expect(try head(bytes)?.isKeepAlive == expected)
    }

    @Test(arguments: [
        (["a"], true), (["A"], true), (["b, a"], true), (["b,a,c"], true), (["b", "c ,\ta"], true), (["ab"], false),
        (["b a"], false), ([""], false), ([",,"], false), (["a;q=1"], false), ([",a"], true), (["a,"], true),
        ([], false),
    ])
    func tokens(_ values: [String], _ expected: Bool) throws {
        let text =
            (["GET / HTTP/1.1", "Host: x"] + values.map { "List: \($0)" }).joined(separator: "\r\n") + "\r\n\r\n"
        #expect(try head(Array(text.utf8))?.hasToken("a", in: "list") == expected)
    }

    @Test func bytesThatAreNoUTF8AreReplaced() throws {
        let bytes = Array("GET / HTTP/1.1\r\nHost: x\r\nA: ".utf8) + [0xFF] + Array("\r\n\r\n".utf8)
        #expect(try head(bytes)?.header("A") == "\u{FFFD}")
    }
}
