import StrictJSON

/// The member names an object has used so far, to find the duplicates RFC 7515 §4 and RFC 7519 §4 forbid.
///
/// Kept by its owner and reused, so that a token with few members costs no allocation. Each name is compared with all
/// before it, by length and first bytes; that is quadratic, so unauthenticated objects need a limit on their members.
struct NameLedger {
    private struct Entry {
        let prefix: UInt64
        let start: UInt32
        let length: UInt32
    }

    private var entries: [Entry] = []
    /// Decoded names, used for all of an object's names from the first one with escapes on.
    private var decoded: Set<[UInt8]> = []

    init() {
        entries.reserveCapacity(32)
    }

    var count: Int { entries.count }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        if !decoded.isEmpty { decoded.removeAll() }
    }

    /// Notes a name; false when the object has used it before.
    @unsafe
    mutating func insert(_ name: JSONString, in text: UnsafeRawBufferPointer) -> Bool {
        let range = name.range
        let entry = unsafe Entry(
            prefix: Self.prefix(of: range, in: text),
            start: UInt32(truncatingIfNeeded: range.lowerBound),
            length: UInt32(truncatingIfNeeded: range.count)
        )
        if name.hasEscapes || !decoded.isEmpty {
            return unsafe insertDecoded(name, entry, in: text)
        }
        for other in entries where other.prefix == entry.prefix && other.length == entry.length {
            if unsafe range.count <= 8 || Self.isEqual(other, entry, in: text) { return false }
        }
        entries.append(entry)
        return true
    }

    private mutating func insertDecoded(_ name: JSONString, _ entry: Entry, in text: UnsafeRawBufferPointer) -> Bool {
        let span = unsafe RawSpan(_unsafeBytes: text)
        if decoded.isEmpty {
            for entry in entries {
                let range = Int(entry.start)..<Int(entry.start) + Int(entry.length)
                decoded.insert(unsafe Array(text[range]))
            }
        }
        entries.append(entry)
        return decoded.insert(Array(name.string(in: span).utf8)).inserted
    }

    private static func isEqual(_ one: Entry, _ other: Entry, in text: UnsafeRawBufferPointer) -> Bool {
        for offset in 0..<Int(one.length) {
            guard unsafe text[Int(one.start) + offset] == text[Int(other.start) + offset] else { return false }
        }
        return true
    }

    /// Up to eight first bytes as one word.
    private static func prefix(of range: Range<Int>, in text: UnsafeRawBufferPointer) -> UInt64 {
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
}
