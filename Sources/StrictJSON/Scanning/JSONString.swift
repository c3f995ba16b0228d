/// Where a string stands in a text: the bytes between its quotes, still escaped.
@frozen
public struct JSONString: Sendable, Hashable {
    /// The bytes between the quotes.
    public let range: Range<Int>
    /// Whether any backslash escape occurs, so that the bytes differ from the string they stand for.
    public let hasEscapes: Bool

    /// A string whose content is at `range`.
    @inlinable
    public init(range: Range<Int>, hasEscapes: Bool) {
        self.range = range
        self.hasEscapes = hasEscapes
    }

    /// The decoded string. `bytes` must be the text this was found in.
    ///
    /// An escaped surrogate without its partner and any malformed UTF-8 become U+FFFD.
    @inlinable
    public func string(in bytes: RawSpan) -> String {
        let content = bytes.extracting(range)
        return hasEscapes
            ? JSONScanner.unescape(content)
            : unsafe content.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the decoded string is `literal`, byte for byte (RFC 8259 §8.3). No allocation.
    @inlinable
    public func equals(_ literal: StaticString, in bytes: RawSpan) -> Bool {
        let content = bytes.extracting(range)
        return unsafe content.withUnsafeBytes { content in
            let wanted = unsafe UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
            if hasEscapes { return unsafe JSONScanner.unescaped(content, equals: wanted) }
            guard content.count == wanted.count else { return false }
            for index in 0..<content.count where unsafe content[index] != wanted[index] { return false }
            return true
        }
    }
}
