/// The engine of ``JSONScanner``: the same scanning over a borrowed pointer, for loops that cannot afford a check per
/// byte.
///
/// Each use is marked `unsafe` and must stay within the call that lent the bytes. Indices given must lie within
/// `0...count`.
@frozen
@unsafe
public struct UnsafeJSONScanner {
    /// The first byte.
    public let base: UnsafePointer<UInt8>
    /// The number of bytes.
    @safe public let count: Int
    /// The number of nested containers allowed.
    @safe public let maximumDepth: Int

    /// Scans `count` bytes at `base`, which must stay valid and unchanged while the scanner is used.
    @inlinable
    public init(base: UnsafePointer<UInt8>, count: Int, maximumDepth: Int = JSONScanner.defaultMaximumDepth) {
        unsafe self.base = base
        self.count = count
        self.maximumDepth = min(max(maximumDepth, 0), JSONNesting.ceiling)
    }

    /// The index of the first byte at or after `index` that is not a blank (space, tab, LF, CR); `count` if there is
    /// none.
    @inlinable
    @inline(always)
    public func skipBlanks(at index: Int) -> Int {
        var index = index
        while index < count {
            let byte = unsafe base[index]
            // Almost always there is none.
            if byte > 0x20 { return index }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return index }
            index &+= 1
        }
        return index
    }

    /// The index of the first byte from `index` on that ends a plain run inside a string: `"`, `\` or a control; or
    /// `count`.
    @inlinable
    @inline(always)
    public func endOfPlainRun(from index: Int) -> Int {
        var index = index
        let raw = unsafe UnsafeRawPointer(base)
        // Names and short strings end within the first word; only longer ones are worth a vector.
        if count &- index >= 8 {
            let hits = unsafe UnsafeJSONScanner.hits(
                in: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            )
            if hits != 0 { return index &+ hits.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        // A long string in strides with one test each; the last stride is gone through again below.
        while count &- index >= 64 {
            let first = unsafe UnsafeJSONScanner.ends(raw.loadUnaligned(fromByteOffset: index, as: Block.self))
            let second = unsafe UnsafeJSONScanner.ends(raw.loadUnaligned(fromByteOffset: index &+ 16, as: Block.self))
            let third = unsafe UnsafeJSONScanner.ends(raw.loadUnaligned(fromByteOffset: index &+ 32, as: Block.self))
            let fourth = unsafe UnsafeJSONScanner.ends(raw.loadUnaligned(fromByteOffset: index &+ 48, as: Block.self))
            let words = unsafe unsafeBitCast((first .| second) .| (third .| fourth), to: SIMD2<UInt64>.self)
            if words.x | words.y != 0 { break }
            index &+= 64
        }
        while count &- index >= 16 {
            let mask = unsafe UnsafeJSONScanner.ends(raw.loadUnaligned(fromByteOffset: index, as: Block.self))
            let words = unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
            if words.x | words.y != 0 {
                let offset = words.x != 0 ? words.x.trailingZeroBitCount : words.y.trailingZeroBitCount &+ 64
                return index &+ offset >> 3
            }
            index &+= 16
        }
        if count &- index >= 8 {
            let hits = unsafe UnsafeJSONScanner.hits(
                in: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            )
            if hits != 0 { return index &+ hits.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < count {
            let byte = unsafe base[index]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { return index }
            index &+= 1
        }
        return index
    }

    @usableFromInline typealias Block = SIMD16<UInt8>

    /// Where `bytes` are `"`, `\` or a control.
    @inlinable
    @inline(always)
    static func ends(_ bytes: Block) -> SIMDMask<SIMD16<Int8>> {
        // Vectors on both sides: with a scalar on one the generic operators are taken, a loop over the lanes.
        (bytes .== Block(repeating: 0x22)) .| (bytes .== Block(repeating: 0x5C)) .| (bytes .< Block(repeating: 0x20))
    }

    /// The high bit of each byte of `word` that is `"`, `\` or a control; bits above the lowest one set may be wrong.
    @inlinable
    @inline(always)
    static func hits(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // Classic zero-byte test on three differences. A borrow can only set bits above a true hit, so the lowest set
        // bit is exact; bytes above 0x7F never hit because of the final mask.
        let quotes = (word ^ (ones &* 0x22)) &- ones
        let escapes = (word ^ (ones &* 0x5C)) &- ones
        let controls = word &- (ones &* 0x20)
        return (quotes | escapes | controls) & ~word & (ones &* 0x80)
    }

    /// The index of the closing quote of the string whose content starts at `start`. Sets `hasEscapes` if there are
    /// any.
    @inlinable
    @inline(always)
    public func closingQuote(from start: Int, hasEscapes: inout Bool) throws(JSONError) -> Int {
        let index = unsafe endOfPlainRun(from: start)
        if index < count, unsafe base[index] == 0x22 { return index }
        hasEscapes = true
        return try unsafe closingQuoteAfterEscapes(from: index)
    }

    /// The rest of ``closingQuote(from:hasEscapes:)`` once something other than a quote was met at `index`.
    @usableFromInline
    func closingQuoteAfterEscapes(from index: Int) throws(JSONError) -> Int {
        var index = index
        while true {
            guard index < count else { throw .unexpectedEnd(count) }
            let byte = unsafe base[index]
            if byte == 0x22 { return index }
            guard byte == 0x5C else { throw .invalid(index) }
            index = unsafe endOfPlainRun(from: try skipEscape(at: index))
        }
    }

    /// Checks the escape whose backslash is at `index`; the index behind it.
    func skipEscape(at index: Int) throws(JSONError) -> Int {
        guard index &+ 1 < count else { throw .unexpectedEnd(count) }
        switch unsafe base[index &+ 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            return index &+ 2
        case 0x75:
            for digit in index &+ 2..<index &+ 6 {
                guard digit < count else { throw .unexpectedEnd(count) }
                guard JSONScanner.hexDigit(unsafe base[digit]) != nil else { throw .invalid(digit) }
            }
            return index &+ 6
        default:
            throw .invalid(index &+ 1)
        }
    }

    /// The index behind the number that starts at `start` with `-` or a digit.
    @inlinable
    public func skipNumber(at start: Int) throws(JSONError) -> Int {
        var index = start
        if unsafe base[index] == 0x2D { index &+= 1 }
        guard index < count else { throw .unexpectedEnd(count) }
        if unsafe base[index] == 0x30 {
            index &+= 1
        } else {
            index = try unsafe skipDigits(at: index)
        }
        if index < count, unsafe base[index] == 0x2E {
            index = try unsafe skipDigits(at: index &+ 1)
        }
        if index < count, unsafe base[index] | 0x20 == 0x65 {
            index &+= 1
            if index < count, unsafe base[index] == 0x2B || base[index] == 0x2D { index &+= 1 }
            index = try unsafe skipDigits(at: index)
        }
        return index
    }

    /// The index behind one or more digits.
    @inlinable
    @inline(always)
    func skipDigits(at start: Int) throws(JSONError) -> Int {
        var index = start
        while index < count, unsafe base[index] &- 0x30 < 10 { index &+= 1 }
        guard index > start else { throw index < count ? .invalid(index) : .unexpectedEnd(count) }
        return index
    }

    /// The index behind the literal `true`, `false` or `null` that starts at `start`.
    @usableFromInline
    func skipLiteral(at start: Int) throws(JSONError) -> Int {
        switch unsafe base[start] {
        case 0x74: return try unsafe skip("true", at: start)
        case 0x66: return try unsafe skip("false", at: start)
        case 0x6E: return try unsafe skip("null", at: start)
        default: throw .invalid(start)
        }
    }

    private func skip(_ text: StaticString, at start: Int) throws(JSONError) -> Int {
        for offset in 0..<text.utf8CodeUnitCount {
            guard start &+ offset < count else { throw .unexpectedEnd(count) }
            guard unsafe base[start &+ offset] == text.utf8Start[offset] else { throw .invalid(start &+ offset) }
        }
        return start &+ text.utf8CodeUnitCount
    }
}
