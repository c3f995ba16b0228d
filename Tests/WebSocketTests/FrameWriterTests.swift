import Testing

@testable import WebSocket

@Suite struct FrameWriterTests {
    @Test(arguments: [
        (0, "81 00", "81 80"), (125, "81 7d", "81 fd"), (126, "81 7e 00 7e", "81 fe 00 7e"),
        (65535, "81 7e ff ff", "81 fe ff ff"),
        (65536, "81 7f 00 00 00 00 00 01 00 00", "81 ff 00 00 00 00 00 01 00 00"),
        (0x1_2345_6789, "81 7f 00 00 00 01 23 45 67 89", "81 ff 00 00 00 01 23 45 67 89"),
    ])
    func headers(_ length: Int, _ unmasked: String, _ masked: String) {
        #expect(Self.header(payloadLength: length, mask: nil) == hex(unmasked))
        #expect(Self.header(payloadLength: length, mask: 0x0403_0201) == hex(masked) + [1, 2, 3, 4])
        #expect(FrameWriter.headerLength(payloadLength: length, masked: false) == hex(unmasked).count)
        #expect(FrameWriter.headerLength(payloadLength: length, masked: true) == hex(masked).count + 4)
    }

    @Test func firstByte() {
        #expect(FrameWriter.frame(.binary, fin: false)[0] == 0x02)
        #expect(FrameWriter.frame(.text, rsv1: true)[0] == 0xC1)
        #expect(FrameWriter.frame(.continuation)[0] == 0x80)
        #expect(FrameWriter.frame(.close)[0] == 0x88)
        #expect(FrameWriter.frame(.ping)[0] == 0x89)
        #expect(FrameWriter.frame(.pong)[0] == 0x8A)
    }

    @Test func headerNeedsRoom() async {
        await #expect(processExitsWith: .failure) {
            var bytes: [UInt8] = [0]
            unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe _ = FrameWriter.writeHeader(opcode: .text, payloadLength: 0, into: buffer)
            }
        }
    }

    @Test func maskedFrameOfRFC6455() {
        // §5.7
        let bytes = FrameWriter.frame(.text, mask: 0x3D21_FA37, payload: Array("Hello".utf8))
        #expect(bytes == hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"))
    }

    @Test func closePayloads() {
        #expect(FrameWriter.closePayload(code: nil, reason: "unused") == [])
        #expect(FrameWriter.closePayload(code: 1000) == [0x03, 0xE8])
        #expect(FrameWriter.closePayload(code: 4001, reason: "é") == [0x0F, 0xA1, 0xC3, 0xA9])
        #expect(FrameWriter.closePayload(code: 1005) == [])
        let ascii = FrameWriter.closePayload(code: 1000, reason: String(repeating: "a", count: 500))
        #expect(ascii.count == 125)
        // 62 two-byte characters would be 124 bytes of reason.
        let cut = FrameWriter.closePayload(code: 1000, reason: String(repeating: "é", count: 62))
        #expect(cut.count == 2 + 61 * 2)
        #expect(String(validating: cut.dropFirst(2), as: UTF8.self) == String(repeating: "é", count: 61))
    }

    @Test func closeCodes() {
        for code in UInt16.min...UInt16.max {
            let expected =
                (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
            #expect(FrameWriter.isSendableCloseCode(code) == expected)
            #expect(FrameWriter.isReceivableCloseCode(code) == expected)
        }
    }

    @Test func randomMasksDiffer() {
        #expect(Set((0..<64).map { _ in FrameWriter.randomMask() }).count > 60)
    }

    private static func header(payloadLength: Int, mask: UInt32?) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: FrameWriter.maximumHeaderLength)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe FrameWriter.writeHeader(opcode: .text, payloadLength: payloadLength, mask: mask, into: buffer)
        }
        #expect(bytes[count...].allSatisfy { $0 == 0xEE })
        return Array(bytes[..<count])
    }
}
