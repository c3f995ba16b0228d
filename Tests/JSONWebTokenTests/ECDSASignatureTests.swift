import Testing

@testable import JSONWebToken

@Suite struct ECDSASignatureTests {
    private func encode(_ raw: [UInt8], capacity: Int = ECDSASignature.maximumDERLength) -> [UInt8]? {
        var count: Int?
        let der = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { output, initialized in
            count = unsafe raw.withUnsafeBytes {
                unsafe ECDSASignature.encode(
                    raw: $0,
                    into: UnsafeMutableBufferPointer(start: output.baseAddress, count: capacity)
                )
            }
            initialized = count ?? 0
        }
        return count == nil ? nil : der
    }

    private func decode(_ der: [UInt8], _ length: Int) -> [UInt8]? {
        var isDecoded = false
        let raw = unsafe [UInt8](unsafeUninitializedCapacity: length) { output, initialized in
            isDecoded = unsafe der.withUnsafeBytes {
                unsafe ECDSASignature.decode(
                    der: $0,
                    into: UnsafeMutableBufferPointer(start: output.baseAddress, count: length)
                )
            }
            initialized = isDecoded ? length : 0
        }
        return isDecoded ? raw : nil
    }

    @Test(
        arguments: [
            ([0x01, 0x02], [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02]),
            ([0x80, 0x7F], [0x30, 0x07, 0x02, 0x02, 0x00, 0x80, 0x02, 0x01, 0x7F]),
            ([0x00, 0x01, 0xFF, 0x00], [0x30, 0x08, 0x02, 0x01, 0x01, 0x02, 0x03, 0x00, 0xFF, 0x00]),
            ([0x00, 0x80, 0x00, 0x01], [0x30, 0x07, 0x02, 0x02, 0x00, 0x80, 0x02, 0x01, 0x01]),
        ] as [([UInt8], [UInt8])]
    )
    func bothWays(_ raw: [UInt8], _ der: [UInt8]) {
        #expect(encode(raw) == der)
        #expect(decode(der, raw.count) == raw)
    }

    /// Every length there is, with every number of zeros in front, and the longest form of the length.
    @Test(arguments: [32, 48, 66])
    func roundTrips(_ half: Int) {
        for zeros in 0..<half {
            for first in [UInt8(0x01), 0x7F, 0x80, 0xFF] {
                let r =
                    [UInt8](repeating: 0, count: zeros) + [first] + [UInt8](repeating: 0xA5, count: half - zeros - 1)
                for raw in [
                    r + r, r + [UInt8](repeating: 0xFF, count: half), [UInt8](repeating: 0xFF, count: half) + r,
                ] {
                    let der = encode(raw)
                    #expect(der.flatMap { decode($0, raw.count) } == raw)
                    #expect(der.map { encode(raw, capacity: $0.count) } == der)
                    #expect(der.map { encode(raw, capacity: $0.count - 1) } == .some(nil))
                }
            }
        }
        let longest = encode([UInt8](repeating: 0xFF, count: 2 * half))
        #expect(longest?.count == (half == 66 ? ECDSASignature.maximumDERLength : 2 * half + 8))
    }

    /// CVE-2022-21449: a signature of zeros, of which OpenSSL need not even hear.
    @Test(arguments: [64, 96, 132])
    func refusesZero(_ length: Int) {
        let zeros = [UInt8](repeating: 0, count: length / 2)
        let ones = [UInt8](repeating: 1, count: length / 2)
        #expect(encode(zeros + zeros) == nil)
        #expect(encode(zeros + ones) == nil)
        #expect(encode(ones + zeros) == nil)
        #expect(encode(ones + ones) != nil)
    }

    @Test func refusesOtherLengths() {
        for length in [0, 1, 63, 133, 134, 1000] {
            #expect(encode([UInt8](repeating: 1, count: length)) == nil)
            #expect(decode([0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02], length) == nil || length % 2 == 0)
        }
    }

    @Test(
        arguments: [
            [], [0x30], [0x30, 0x00], [0x30, 0x03, 0x02, 0x01, 0x01],
            [0x31, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02],  // no SEQUENCE
            [0x30, 0x07, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02],  // longer than there is
            [0x30, 0x05, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02],  // shorter than there is
            [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02, 0x00],  // something behind
            [0x30, 0x81, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02],  // a long form that is not needed
            [0x30, 0x80, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02, 0x00, 0x00],  // no length
            [0x30, 0x06, 0x03, 0x01, 0x01, 0x02, 0x01, 0x02],  // no INTEGER
            [0x30, 0x06, 0x02, 0x00, 0x02, 0x02, 0x01, 0x02],  // an INTEGER of no bytes
            [0x30, 0x06, 0x02, 0x04, 0x01, 0x02, 0x01, 0x02],  // R takes all there is
            [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x7F, 0x02],  // S ends outside
            [0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x02],  // negative
            [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x02],  // zero
            [0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x02],  // a zero that is not needed
            [0x30, 0x0A, 0x02, 0x03, 0x01, 0x01, 0x01, 0x02, 0x03, 0x01, 0x01, 0x01],  // too long for the curve
            [0x30, 0x09, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02, 0x02, 0x01, 0x03],  // three of them
        ] as [[UInt8]]
    )
    func refusesMalformedDER(_ der: [UInt8]) {
        #expect(decode(der, 4) == nil)
    }

    /// Nothing read or written out of bounds, and nothing accepted that would not be written the same way.
    @Test func mutatedDER() {
        var generator = SeededGenerator(seed: 7)
        let valid = encode((0..<64).map { UInt8(truncatingIfNeeded: $0 &* 7 | 1) })!
        for _ in 0..<20_000 {
            var der = valid
            for _ in 0...Int.random(in: 0..<3, using: &generator) {
                der[Int.random(in: 0..<12, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { der.removeLast(Int.random(in: 0..<der.count, using: &generator)) }
            guard let raw = decode(der, 64) else { continue }
            #expect(encode(raw) == der)
        }
    }
}
