import Testing

@testable import WebSocket

@Suite struct MessageFilterTests {
    @Test func theBaseClassPassesMessagesThrough() throws {
        let filter = MessageFilter()
        var output: [UInt8] = [1]
        let message: [UInt8] = [2, 3]
        try unsafe filter.decode(message.span.bytes, limit: 2, into: &output)
        #expect(output == [1, 2, 3])
        let isEncoded = unsafe filter.encode(message.span.bytes, into: &output)
        #expect(!isEncoded)
        #expect(output == [1, 2, 3])
    }

    @Test func theBaseClassKeepsTheLimit() {
        let filter = MessageFilter()
        var output: [UInt8] = []
        #expect(throws: WebSocketError.messageTooBig) {
            let message: [UInt8] = [2, 3]
            try unsafe filter.decode(message.span.bytes, limit: 1, into: &output)
        }
    }
}
