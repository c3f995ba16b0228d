import SocketProtocol
import Testing

@Suite struct ProtocolVersionTests {
    @Test func pingsAndPongsAsItsGenerationDoes() {
        #expect(ProtocolVersion.v1.pingText == "#1")
        #expect(ProtocolVersion.v1.pongText == "#2")
        #expect(ProtocolVersion.v2.pingText.isEmpty)
        #expect(ProtocolVersion.v2.pongText.isEmpty)
        #expect(ProtocolVersion(rawValue: 2) == .v2)
        #expect(ProtocolVersion(rawValue: 3) == nil)
    }

    @Test(arguments: [
        ("", false, false, true, true), ("#1", true, false, false, false), ("#2", false, true, false, false),
        ("#", false, false, false, false), ("#12", false, false, false, false), ("1", false, false, false, false),
        ("x1", false, false, false, false),
    ])
    func recognises(_ text: String, _ ping1: Bool, _ pong1: Bool, _ ping2: Bool, _ pong2: Bool) {
        #expect(unsafe ProtocolVersion.v1.isPing(text.utf8.span.bytes) == ping1)
        #expect(unsafe ProtocolVersion.v1.isPong(text.utf8.span.bytes) == pong1)
        #expect(unsafe ProtocolVersion.v2.isPing(text.utf8.span.bytes) == ping2)
        #expect(unsafe ProtocolVersion.v2.isPong(text.utf8.span.bytes) == pong2)
    }
}
