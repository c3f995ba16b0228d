import Testing

@testable import WebSocket

@Suite struct AcceptValueTests {
    @Test func exampleOfRFC6455() {
        // §1.3
        #expect(WebSocketUpgrade.acceptValue(forKey: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func base64(_ text: String, _ expected: String) {
        // RFC 4648 §10
        #expect(AcceptValue.base64(Array(text.utf8)) == expected)
    }
}
