import Testing

@testable import WebSocket

@Suite struct WebSocketErrorTests {
    @Test(
        arguments: [
            (.reservedBitsSet, 1002), (.unknownOpcode(3), 1002), (.unmaskedFrame, 1002), (.maskedFrame, 1002),
            (.lengthOutOfRange, 1002), (.invalidCloseCode(1005), 1002), (.invalidUTF8, 1007),
            (.invalidCompressedData, 1007), (.messageTooBig, 1009), (.tooManyFragments, 1008),
        ] as [(WebSocketError, UInt16)]
    )
    func closeCodes(_ error: WebSocketError, _ code: UInt16) {
        #expect(error.closeCode == code)
        #expect(FrameWriter.isSendableCloseCode(error.closeCode))
        // It fits a close frame.
        #expect((1...123).contains(error.reason.utf8.count))
    }

    @Test func reasonsNameTheOffendingValue() {
        #expect(WebSocketError.unknownOpcode(5).reason == "Invalid WebSocket frame: invalid opcode 5")
        #expect(WebSocketError.invalidCloseCode(1006).reason == "Invalid WebSocket frame: invalid status code 1006")
    }
}
