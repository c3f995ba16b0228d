import Testing

@testable import WebSocket

@Suite struct OpcodeTests {
    @Test func sixOfSixteenValuesAreDefined() {
        let defined = (UInt8(0)...15).filter { Opcode(rawValue: $0) != nil }
        #expect(defined == [0, 1, 2, 8, 9, 10])
        #expect(defined.filter { Opcode(rawValue: $0)!.isControl } == [8, 9, 10])
    }
}
