/// An incremental UTF-8 validator (RFC 3629, Unicode Table 3-7) that fails as soon as failure is certain.
///
/// Overlong forms, surrogates and code points above U+10FFFF are refused at their first wrong byte. The state between
/// two calls is three bytes.
public struct UTF8Validator: Sendable, Equatable {
    /// Continuation bytes that the sequence in progress still needs.
    var needed: UInt8 = 0
    /// The range of the next continuation byte, narrower than 0x80–0xBF right after some leading bytes.
    var lower: UInt8 = 0x80
    var upper: UInt8 = 0xBF

    /// Creates a validator at the beginning of a text.
    public init() {}

    /// Whether the bytes so far end at a character boundary.
    public var isComplete: Bool { needed == 0 }

    /// Checks the next bytes of the text.
    ///
    /// - Returns: `false` if the text cannot be UTF-8 whatever follows; the state is then meaningless.
    public mutating func consume(_ bytes: RawSpan) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in unsafe consume(buffer) }
    }

    /// Whether `bytes` are one whole UTF-8 text.
    public static func isValid(_ bytes: RawSpan) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in unsafe isValid(buffer) }
    }

    /// Whether `bytes` are one whole UTF-8 text.
    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var validator = UTF8Validator()
        return unsafe validator.consume(bytes) && validator.isComplete
    }

    /// Checks the next bytes of the text.
    ///
    /// - Returns: `false` if the text cannot be UTF-8 whatever follows; the state is then meaningless.
    public mutating func consume(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let count = bytes.count
        var position = 0
        while needed > 0 && position < count {
            guard step(unsafe base.load(fromByteOffset: position, as: UInt8.self)) else { return false }
            position &+= 1
        }
        while position < count {
            position = unsafe Self.skipASCII(base, from: position, to: count)
            guard let next = unsafe Self.skipWholeSequences(base, from: position, to: count) else { return false }
            guard next == position else {
                position = next
                continue
            }
            // Fewer than four bytes are left: a sequence may be cut off by the end of the buffer.
            while position < count {
                guard step(unsafe base.load(fromByteOffset: position, as: UInt8.self)) else { return false }
                position &+= 1
            }
        }
        return true
    }

    /// Advances over one byte.
    private mutating func step(_ byte: UInt8) -> Bool {
        if needed > 0 {
            guard byte >= lower && byte <= upper else { return false }
            needed &-= 1
            lower = 0x80
            upper = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: needed = 1
        case 0xE0...0xEF:
            needed = 2
            if byte == 0xE0 { lower = 0xA0 }
            if byte == 0xED { upper = 0x9F }
        case 0xF0...0xF4:
            needed = 3
            if byte == 0xF0 { lower = 0x90 }
            if byte == 0xF4 { upper = 0x8F }
        default: return false
        }
        return true
    }

    /// The position of the first byte at or after `start` that begins a block of eight or fewer bytes with a
    /// non-ASCII byte in it, or `end`. Reads stay below `end`.
    @inline(__always)
    private static func skipASCII(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var position = start
        while position &+ 32 <= end {
            let block = unsafe base.loadUnaligned(fromByteOffset: position, as: SIMD4<UInt64>.self)
            let half = block.lowHalf | block.highHalf
            if (half[0] | half[1]) & 0x8080_8080_8080_8080 != 0 { break }
            position &+= 32
        }
        while position &+ 8 <= end {
            let word = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let high = word & 0x8080_8080_8080_8080
            if high != 0 { return position &+ high.trailingZeroBitCount &>> 3 }
            position &+= 8
        }
        return position
    }

    /// Skips sequences of which the longest possible form lies before `end`; returns early at a run of ASCII.
    ///
    /// - Returns: the new position, equal to `start` only if fewer than four bytes are left; nil if a sequence is
    ///   malformed.
    @inline(__always)
    private static func skipWholeSequences(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int? {
        var position = start
        while position &+ 4 <= end {
            let word = unsafe UInt32(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            let lead = word & 0xFF
            if lead < 0x80 {
                if word & 0x8080_8080 == 0 { return position &+ 4 }
                position &+= 1
            } else if lead < 0xE0 {
                guard lead >= 0xC2 && word & 0xC000 == 0x8000 else { return nil }
                position &+= 2
            } else if lead < 0xF0 {
                guard word & 0xC0_C000 == 0x80_8000 else { return nil }
                let second = word >> 8 & 0xFF
                if lead == 0xE0 && second < 0xA0 || lead == 0xED && second > 0x9F { return nil }
                position &+= 3
            } else {
                guard lead <= 0xF4 && word & 0xC0C0_C000 == 0x8080_8000 else { return nil }
                let second = word >> 8 & 0xFF
                if lead == 0xF0 && second < 0x90 || lead == 0xF4 && second > 0x8F { return nil }
                position &+= 4
            }
        }
        return position
    }
}
