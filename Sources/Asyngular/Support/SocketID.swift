/// A socket's id: 15 bytes, 12 of them random, shown as 20 characters of URL-safe base64 (contract §4).
///
/// Kept as two words because a 20-character `String` costs a heap block of 64 bytes per connection.
struct SocketID: Sendable, Hashable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    /// Characters of an id.
    static let length = 20

    var description: String {
        unsafe String(unsafeUninitializedCapacity: Self.length) { output in
            unsafe write(into: UnsafeMutableRawBufferPointer(output))
            return Self.length
        }
    }

    /// Calls a closure with the id as JSON, quotes included.
    func withJSON(_ body: (RawSpan) -> Void) {
        unsafe withUnsafeTemporaryAllocation(byteCount: Self.length + 2, alignment: 8) { output in
            unsafe output[0] = UInt8(ascii: "\"")
            unsafe write(into: UnsafeMutableRawBufferPointer(rebasing: output[1...]))
            unsafe output[Self.length + 1] = UInt8(ascii: "\"")
            unsafe body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(output)))
        }
    }

    /// Writes the 20 ASCII characters.
    @unsafe
    private func write(into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= Self.length, "too little room for an id")
        let digits = unsafe Self.digits.utf8Start
        // Ten digits of six bits from each half: bits 0..<60, then the four that are left and the 56 of `low`.
        for digit in 0..<10 {
            unsafe output[digit] = digits[Int(high >> UInt64(58 - 6 * digit) & 63)]
        }
        let rest = high << 60 | low >> 4
        for digit in 0..<10 {
            unsafe output[10 + digit] = digits[Int(rest >> UInt64(58 - 6 * digit) & 63)]
        }
    }

    private static let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /// Makes ids from a pool of kernel randomness, so that a connection does not cost a system call for its id.
    struct Generator {
        private var pool = [UInt64](repeating: 0, count: 256)
        private var next = 256
        private var counter: UInt64 = 0

        mutating func make() -> SocketID {
            if next + 2 > pool.count { refill() }
            let high = pool[next]
            let random = pool[next + 1]
            next += 2
            counter &+= 1
            // Bytes 8...11 random, 12...14 the counter, the last byte of the word unused.
            return SocketID(high: high, low: random & 0xFFFF_FFFF_0000_0000 | (counter & 0xFF_FFFF) << 8)
        }

        private mutating func refill() {
            let bytes = SecureRandom.bytes(pool.count * 8)
            for index in pool.indices {
                pool[index] = bytes[(index * 8)..<(index * 8 + 8)].reduce(0) { $0 << 8 | UInt64($1) }
            }
            next = 0
        }
    }
}
