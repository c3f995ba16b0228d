import Testing

@testable import Asyngular

/// `application/x-www-form-urlencoded` as the URL standard decodes it.
@Suite("Query items")
struct AGQueryItemsTests {
    @Test(
        "Decoded",
        arguments: [
            ("", []), ("a", ["a="]), ("a=", ["a="]), ("=b", ["=b"]), ("a=b&c=d", ["a=b", "c=d"]), ("&&a=b&", ["a=b"]),
            ("a=b=c", ["a=b=c"]), ("a+b=c+d", ["a b=c d"]), ("%61%3D=%26%2B", ["a==&+"]), ("a=%C3%A9", ["a=é"]),
            ("a=%zz%4", ["a=%zz%4"]), ("a=%FF", ["a=\u{FFFD}"]), ("a=%00", ["a=\u{0}"]),
        ] as [(String, [String])]
    )
    func decoded(_ text: String, _ items: [String]) {
        #expect(AGQueryItems(parsing: text).map { "\($0.name)=\($0.value)" } == items)
    }

    @Test("By name")
    func byName() {
        let items = AGQueryItems(parsing: "a=1&b=2&a=3")
        #expect(items["a"] == "1")
        #expect(items["c"] == nil)
        #expect(items.all("a") == ["1", "3"])
        #expect(items.count == 3)
        #expect(items[1] == .init(name: "b", value: "2"))
    }
}
