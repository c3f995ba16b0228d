import SocketProtocol
import StrictJSON
import Testing

@Suite struct PacketTests {
    @Test func staysSmall() {
        // A batch of ten thousand is held at once.
        #expect(MemoryLayout<Packet>.stride <= 36)
    }

    @Test func hasEmptyRangesWhereNothingIs() throws {
        var packets: [Packet] = []
        let text = #"[{"event":"e"},{"rid":1},{}]"#
        #expect(unsafe PacketScanner().scan(text.utf8.span.bytes, utf8Validated: true, into: &packets) == .batch)
        #expect(packets.map(\.kind) == [.transmit, .response, .raw])
        #expect(packets.map(\.cid.isEmpty) == [true, false, true])
        #expect(packets.map(\.event.range.isEmpty) == [false, true, true])
        #expect(packets.allSatisfy { $0.data == nil && $0.error == nil })
    }

    @Test func tellsAbsentFromNull() throws {
        var packets: [Packet] = []
        let text = #"[{"event":"e","data":null},{"event":"e"}]"#
        #expect(unsafe PacketScanner().scan(text.utf8.span.bytes, utf8Validated: true, into: &packets) == .batch)
        #expect(packets[0].data == 21..<25)
        #expect(packets[1].data == nil)
    }
}
