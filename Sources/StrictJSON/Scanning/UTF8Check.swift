/// Well-formedness of UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
public enum UTF8Check {
    /// The offset of the first byte that begins no well-formed sequence; nil if all of `bytes` are well-formed.
    public static func firstInvalidOffset(in bytes: RawSpan) -> Int? {
        unsafe bytes.withUnsafeBytes { (buffer) -> Int? in
            guard let base = buffer.baseAddress else { return nil }
            return unsafe firstInvalidOffset(base.assumingMemoryBound(to: UInt8.self), count: buffer.count)
        }
    }

    private static func firstInvalidOffset(_ base: UnsafePointer<UInt8>, count: Int) -> Int? {
        let raw = unsafe UnsafeRawPointer(base)
        let highBits: UInt64 = 0x8080_8080_8080_8080
        var index = 0
        while index < count {
            while count &- index >= 32 {
                let first = unsafe raw.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
                let both = first.lowHalf | first.highHalf
                if (both.x | both.y) & highBits != 0 { break }
                index &+= 32
            }
            while count &- index >= 8 {
                if unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & highBits != 0 { break }
                index &+= 8
            }
            // One scalar at a time up to the next ASCII byte, then the fast path is tried again.
            while index < count, unsafe base[index] < 0x80 { index &+= 1 }
            while index < count, unsafe base[index] >= 0x80 {
                let length = unsafe sequenceLength(base + index, available: count &- index)
                if length == 0 { return index }
                index &+= length
            }
        }
        return nil
    }

    /// The length of the well-formed multi-byte sequence at `bytes`; 0 if there is none.
    private static func sequenceLength(_ bytes: UnsafePointer<UInt8>, available: Int) -> Int {
        let lead = unsafe bytes[0]
        var second: ClosedRange<UInt8> = 0x80...0xBF
        let length: Int
        switch lead {
        case 0xC2...0xDF:
            length = 2
        case 0xE0...0xEF:
            length = 3
            if lead == 0xE0 { second = 0xA0...0xBF }
            if lead == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if lead == 0xF0 { second = 0x90...0xBF }
            if lead == 0xF4 { second = 0x80...0x8F }
        default:
            return 0
        }
        guard available >= length, unsafe second.contains(bytes[1]) else { return 0 }
        for offset in 2..<max(length, 2) {
            guard unsafe bytes[offset] & 0xC0 == 0x80 else { return 0 }
        }
        return length
    }
}
