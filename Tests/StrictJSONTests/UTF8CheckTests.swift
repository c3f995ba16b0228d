import StrictJSON
import Testing

@Suite struct UTF8CheckTests {
    private func fault(_ bytes: [UInt8]) -> Int? { UTF8Check.firstInvalidOffset(in: unsafe bytes.span.bytes) }

    /// The standard library's own decoder is the judge.
    private func isWellFormed(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    @Test func agreesOnAllShortSequences() {
        for first in UInt8.min...UInt8.max {
            #expect((fault([first]) == nil) == isWellFormed([first]))
            for second in UInt8.min...UInt8.max {
                #expect((fault([first, second]) == nil) == isWellFormed([first, second]))
            }
        }
    }

    @Test func agreesOnLeadsWithEdgeContinuations() {
        let edges: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        for lead in UInt8(0xE0)...0xF7 {
            for second in edges {
                for third in edges {
                    #expect((fault([lead, second, third]) == nil) == isWellFormed([lead, second, third]))
                    for fourth in edges {
                        let bytes = [lead, second, third, fourth]
                        #expect((fault(bytes) == nil) == isWellFormed(bytes))
                    }
                }
            }
        }
    }

    @Test func acceptsEveryScalarAtEveryLengthClass() {
        for scalar in [0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF] as [UInt32] {
            let text = Array(String(Character(Unicode.Scalar(scalar)!)).utf8)
            #expect(fault(text) == nil)
        }
    }

    @Test func findsAFaultAtEveryOffset() {
        for count in [1, 8, 31, 32, 33, 63, 64, 65, 100] {
            for position in 0..<count {
                var bytes = [UInt8](repeating: 0x61, count: count)
                bytes[position] = 0xFF
                #expect(fault(bytes) == position)
            }
        }
        #expect(fault([]) == nil)
        #expect(fault(Array("aé".utf8) + [0xE2, 0x82]) == 3)
    }

    @Test func agreesOnRandomMixtures() {
        var random = RandomJSON(seed: 5)
        let pieces = ["a", "plain ascii text of some length, to reach the fast path", "é", "日", "😀"].map {
            Array($0.utf8)
        }
        for _ in 0..<2000 {
            var bytes: [UInt8] = []
            for _ in 0..<random.below(6) { bytes += pieces[random.below(pieces.count)] }
            if random.below(2) == 0, !bytes.isEmpty { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            #expect((fault(bytes) == nil) == isWellFormed(bytes))
        }
    }
}
