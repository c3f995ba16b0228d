import StrictJSON
import Testing

@Suite struct UnsafeJSONScannerTests {
    private func endOfPlainRun(_ bytes: [UInt8], from start: Int) -> Int {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            let scanner = unsafe UnsafeJSONScanner(base: buffer.baseAddress!, count: buffer.count)
            return unsafe scanner.endOfPlainRun(from: start)
        }
    }

    /// Every byte value at every distance and remaining length around the word and vector widths.
    @Test func findsTheEndOfAPlainRunWhereverItIs() {
        for byte in UInt8.min...UInt8.max {
            let ends = byte < 0x20 || byte == 0x22 || byte == 0x5C
            for count in [1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 41] {
                for position in 0..<count {
                    // Neighbours that a sloppy borrow would turn into hits.
                    var bytes = [UInt8](repeating: position % 2 == 0 ? 0x23 : 0x80, count: count)
                    bytes[position] = byte
                    #expect(endOfPlainRun(bytes, from: 0) == (ends ? position : count))
                }
            }
        }
    }

    @Test func findsTheFirstOfSeveral() {
        for first in 0..<40 {
            var bytes = [UInt8](repeating: 0x61, count: 48)
            for position in first..<48 { bytes[position] = [0x22, 0x5C, 0x1F][position % 3] }
            for start in 0...first { #expect(endOfPlainRun(bytes, from: start) == first) }
        }
    }

    @Test func stopsAtTheEndOfTheBytes() {
        for count in 1..<40 {
            let bytes = [UInt8](repeating: 0x61, count: count)
            #expect(endOfPlainRun(bytes, from: count) == count)
            #expect(endOfPlainRun(bytes, from: 0) == count)
        }
    }
}
