import Testing

@testable import WebSocket

@Suite struct AcceptValueTests {
    @Test func exampleOfRFC6455() {
        // §1.3
        #expect(WebSocketUpgrade.acceptValue(forKey: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
