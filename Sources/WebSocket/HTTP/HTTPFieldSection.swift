#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A head whose text lies in one array, with fields as ranges of it: what requests and responses have in common.
protocol HTTPFieldSection {
    var bytes: [UInt8] { get }
    var fields: [HTTPFieldRange] { get }
}

extension HTTPFieldSection {
    /// All fields in order.
    var headerFields: [HTTPHeaderField] {
        fields.map { HTTPHeaderField(name: string($0.name), value: string($0.value)) }
    }

    /// The first field `name`.
    func firstField(_ name: StaticString) -> HTTPFieldRange? {
        fields.first { matchesIgnoringCase($0.name, name) }
    }

    /// The first value of the field `name`.
    func firstValue(_ name: String) -> String? {
        fields.first { isField($0, named: name) }.map { string($0.value) }
    }

    /// All values of the field `name` in order, one for each line that carries it.
    func values(_ name: String) -> [String] {
        fields.filter { isField($0, named: name) }.map { string($0.value) }
    }

    /// How many lines carry the field `name`.
    func fieldCount(_ name: StaticString) -> Int {
        var count = 0
        for field in fields where matchesIgnoringCase(field.name, name) { count += 1 }
        return count
    }

    /// Whether a comma-separated field, over all its lines, lists `token` in any case of letters (RFC 9110 §5.6.1).
    func lists(_ token: StaticString, in name: StaticString) -> Bool {
        for field in fields where matchesIgnoringCase(field.name, name) && lists(token, in: field) { return true }
        return false
    }

    /// Whether a field's comma-separated value lists `token` in any case of letters.
    func lists(_ token: StaticString, in field: HTTPFieldRange) -> Bool {
        // Most often it is all there is.
        if matchesIgnoringCase(field.value, token) { return true }
        var start = field.value.lowerBound
        while start < field.value.upperBound {
            let end = bytes[start..<field.value.upperBound].firstIndex(of: UInt8(ascii: ",")) ?? field.value.upperBound
            if matchesIgnoringCase(trimmed(start..<end), token) { return true }
            start = end + 1
        }
        return false
    }

    /// A range of the head as text; bytes that are not UTF-8 become U+FFFD.
    func string(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// `range` without optional white space at either end.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end && HTTPCharacters.isSpace(bytes[start]) { start += 1 }
        while end > start && HTTPCharacters.isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Whether `range` holds exactly `text`.
    func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        text.withUTF8Buffer { unsafe matches(range, $0) }
    }

    /// Whether `range` holds exactly `text`.
    @unsafe
    func matches(_ range: Range<Int>, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard range.count == text.count else { return false }
        guard !range.isEmpty, let text = text.baseAddress else { return true }
        return unsafe bytes.withUnsafeBytes { bytes in
            unsafe memcmp(UnsafeRawBufferPointer(rebasing: bytes[range]).baseAddress!, text, range.count) == 0
        }
    }

    /// Whether `range` holds `text` in any case of ASCII letters.
    @inline(__always)
    func matchesIgnoringCase(_ range: Range<Int>, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount && isEqualIgnoringCase(range.lowerBound, text)
    }

    /// As many bytes as `text` has, from `start`. Head after head asks for a dozen names, so this is not left to closures.
    private func isEqualIgnoringCase(_ start: Int, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        let other = unsafe text.utf8Start
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            precondition(start >= 0 && start + count <= bytes.count, "range outside the head")
            for offset in 0..<count {
                let (one, two) = unsafe (bytes[start &+ offset], other[offset])
                if one != two, HTTPCharacters.lowercased(one) != HTTPCharacters.lowercased(two) { return false }
            }
            return true
        }
    }

    private func isField(_ field: HTTPFieldRange, named name: String) -> Bool {
        bytes[field.name].elementsEqual(name.utf8) {
            HTTPCharacters.lowercased($0) == HTTPCharacters.lowercased($1)
        }
    }
}
