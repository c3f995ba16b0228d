import Testing

@testable import Asyngular

/// Which paths a pattern stands for.
@Suite("Route patterns")
struct RoutePatternTests {
    @Test(
        "Matches",
        arguments: [
            ("/", "/", [:]), ("/a", "/a", [:]), ("/a/", "/a/", [:]), ("/:x", "/a", ["x": "a"]),
            ("/:x/b", "/a/b", ["x": "a"]), ("/a/:x/:y", "/a/b/c", ["x": "b", "y": "c"]), ("/*", "/", ["*": ""]),
            ("/*", "/a/b", ["*": "a/b"]), ("/a/*", "/a/", ["*": ""]), ("/a/*", "/a/../b", ["*": "../b"]),
            ("/:x/*", "/a/b/c", ["x": "a", "*": "b/c"]), ("/:x", "/%41+%2F", ["x": "A+/"]), ("/:x", "/:y", ["x": ":y"]),
        ] as [(String, String, [String: String])]
    )
    func matches(_ pattern: String, _ path: String, _ parameters: [String: String]) throws {
        #expect(try #require(RoutePattern(pattern)).match(path) == parameters)
    }

    @Test(
        "Does not match",
        arguments: [
            ("/", ""), ("/", "/a"), ("/", "//"), ("/a", "/a/"), ("/a", "/A"), ("/a", "/%61"), ("/a/", "/a"),
            ("/:x", "/"),
            ("/:x", "/a/"), ("/:x/", "/a"), ("/:x/b", "/a/c"), ("/:x/b", "/a/b/c"), ("/a/*", "/a"), ("/a/*", "/b/c"),
            ("/:x", "/%4"), ("/:x", "/%C3"), ("/*", "*"), ("/a", "a"),
        ]
    )
    func doesNotMatch(_ pattern: String, _ path: String) throws {
        #expect(try #require(RoutePattern(pattern)).match(path) == nil)
    }

    @Test("Is no pattern", arguments: ["", "a", "*", "/a*", "/*/a", "/a?", "/a b", "/é", "/:", "/a#b"])
    func invalid(_ text: String) {
        #expect(RoutePattern(text) == nil)
    }

    @Test("Exact or not")
    func exact() throws {
        for (text, isExact) in [("/", true), ("/a/b", true), ("/a/*", false), ("/:a", false), ("/a:b", true)] {
            #expect(try #require(RoutePattern(text)).isExact == isExact)
        }
    }
}
