import StrictJSON

/// The member names an object has used so far, to find the duplicates RFC 7515 §4 and RFC 7519 §4 forbid.
///
/// The first names without escapes are compared one by one, by length and first bytes, in memory lent by the owner; an
/// object with more names, or with escapes in one, is followed by a set of decoded names instead. So a usual token costs no
/// allocation and a hostile one no quadratic time.
@safe
struct NameLedger {
    struct Entry: BitwiseCopyable {
        let prefix: UInt64
        let start: UInt32
        let length: UInt32
    }

    /// How many names are compared one by one.
    static let capacity = 32

    private let entries: UnsafeMutablePointer<Entry>
    private var listed = 0
    private var decoded: Set<[UInt8]> = []

    /// An empty ledger in `memory`, which holds ``capacity`` entries and outlives it.
    @unsafe
    init(memory: UnsafeMutablePointer<Entry>) {
        unsafe entries = memory
    }

    /// The number of names noted.
    var count: Int { decoded.isEmpty ? listed : decoded.count }

    /// Notes a name, whose ``prefix(of:in:)`` the caller has at hand; false when the object has used it before.
    @unsafe
    @inline(always)
    mutating func insert(_ name: JSONString, prefix: UInt64, in text: UnsafeRawBufferPointer) -> Bool {
        guard !name.hasEscapes, decoded.isEmpty, listed < Self.capacity else {
            return unsafe insertDecoded(name, in: text)
        }
        let length = UInt32(truncatingIfNeeded: name.range.count)
        for index in 0..<listed {
            let other = unsafe entries[index]
            guard other.prefix == prefix, other.length == length else { continue }
            if unsafe length <= 8 || Self.isEqual(other, name.range, in: text) { return false }
        }
        let start = UInt32(truncatingIfNeeded: name.range.lowerBound)
        unsafe (entries + listed).initialize(to: Entry(prefix: prefix, start: start, length: length))
        listed += 1
        return true
    }

    /// Up to eight first bytes of a name as one word, the first of them lowest.
    @unsafe
    @inline(always)
    static func prefix(of name: JSONString, in text: UnsafeRawBufferPointer) -> UInt64 {
        let range = name.range
        guard let base = text.baseAddress else { return 0 }
        if range.lowerBound + 8 <= text.count {
            let word = unsafe base.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self).littleEndian
            return range.count >= 8 ? word : word & ((1 << UInt64(range.count * 8)) - 1)
        }
        var word: UInt64 = 0
        for offset in 0..<min(range.count, 8) {
            word |= unsafe UInt64(text[range.lowerBound + offset]) << UInt64(offset * 8)
        }
        return word
    }

    private mutating func insertDecoded(_ name: JSONString, in text: UnsafeRawBufferPointer) -> Bool {
        if decoded.isEmpty {
            for index in 0..<listed {
                let entry = unsafe entries[index]
                let range = Int(entry.start)..<Int(entry.start) + Int(entry.length)
                decoded.insert(unsafe Array(text[range]))
            }
        }
        return decoded.insert(Array(name.string(in: unsafe RawSpan(_unsafeBytes: text)).utf8)).inserted
    }

    private static func isEqual(_ entry: Entry, _ range: Range<Int>, in text: UnsafeRawBufferPointer) -> Bool {
        for offset in 0..<range.count {
            guard unsafe text[Int(entry.start) + offset] == text[range.lowerBound + offset] else { return false }
        }
        return true
    }
}
