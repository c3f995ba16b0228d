import Testing

@testable import WebSocket

@Suite struct MaskingTests {
    /// Every length up to past all strides, at every alignment and mask offset, against the definition in §5.3.
    @Test(arguments: 0..<16)
    func agreesWithTheDefinition(_ alignment: Int) {
        let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        for count in 0...200 {
            for offset in 0..<4 {
                var bytes = (0..<(alignment + count + 5)).map { UInt8(truncatingIfNeeded: $0 &* 37) }
                var expected = bytes
                for index in 0..<count { expected[alignment + index] ^= mask[(index + offset) % 4] }
                unsafe bytes.withUnsafeMutableBytes { buffer in
                    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[alignment..<(alignment + count)])
                    unsafe Masking.apply(mask: 0x3D21_FA37, offset: offset, to: part)
                }
                #expect(bytes == expected)
            }
        }
    }

    @Test func detectsANonASCIIByteAtEveryPlace() {
        for count in 1...150 {
            for place in 0...count {
                var bytes = [UInt8](repeating: 0x7F, count: count)
                if place < count { bytes[place] = 0x80 }
                let found = unsafe bytes.withUnsafeMutableBytes { buffer in
                    unsafe Masking.applyDetectingNonASCII(mask: 0, to: buffer)
                }
                #expect(found == (place < count))
            }
        }
    }

    @Test func emptyBufferWithoutAddress() {
        let found = unsafe Masking.applyDetectingNonASCII(
            mask: 1,
            to: UnsafeMutableRawBufferPointer(start: nil, count: 0)
        )
        #expect(!found)
    }

    @Test func rotation() {
        #expect(Masking.rotate(0x0403_0201, by: 0) == 0x0403_0201)
        #expect(Masking.rotate(0x0403_0201, by: 1) == 0x0104_0302)
        #expect(Masking.rotate(0x0403_0201, by: 2) == 0x0201_0403)
        #expect(Masking.rotate(0x0403_0201, by: 7) == 0x0302_0104)
    }
}
