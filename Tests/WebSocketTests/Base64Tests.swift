import Testing

@testable import WebSocket

@Suite struct Base64Tests {
    @Test(
        "the vectors of RFC 4648 §10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func text(_ text: String, _ expected: String) {
        #expect(Base64.text(Array(text.utf8)) == expected)
        #expect(Base64.length(of: text.utf8.count) == expected.utf8.count)
    }
}
