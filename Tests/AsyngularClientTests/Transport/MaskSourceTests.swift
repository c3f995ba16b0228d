import Testing

@testable import AsyngularClient

@Suite("MaskSource")
struct MaskSourceTests {
    @Test("Masks are used once")
    func distinct() {
        var source = MaskSource()
        var other = MaskSource()
        var seen: Set<UInt32> = []
        var ones = Array(repeating: 0, count: 32)
        let count = 5000
        for _ in 0..<count {
            let mask = source.next()
            seen.insert(mask)
            seen.insert(other.next())
            for bit in 0..<32 where mask >> UInt32(bit) & 1 == 1 { ones[bit] += 1 }
        }
        // Some of ten thousand random numbers of 32 bits coincide: 0.01 pairs are expected.
        #expect(seen.count > 2 * count - 10)
        // Each bit is set in half of them; ten standard deviations are 354.
        for bit in ones { #expect(abs(bit - count / 2) < 354) }
    }
}
