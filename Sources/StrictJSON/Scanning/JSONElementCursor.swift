/// Walks through the elements of an array in one pass, validating as it goes and without allocating.
///
/// Used like ``JSONMemberCursor``: the same bytes are handed to every call.
public struct JSONElementCursor: Sendable {
    /// One element of an array, as a byte range of the text.
    @frozen
    public struct Element: Sendable, Hashable {
        /// The value's bytes, quotes and brackets included.
        public let value: Range<Int>
        /// The value's kind.
        public let kind: JSONKind
        /// Whether the value is a string with escapes.
        public let hasEscapes: Bool

        /// The value as a string; nil if it is something else.
        public var stringValue: JSONString? {
            guard kind == .string else { return nil }
            return JSONString(range: value.lowerBound + 1..<value.upperBound - 1, hasEscapes: hasEscapes)
        }
    }

    /// Where the next element, or the end, is looked for.
    public private(set) var position: Int
    private let maximumDepth: Int
    private let allowsTrailing: Bool
    private var state = State.start

    private enum State: UInt8 {
        case start
        case afterElement
        case ended
    }

    /// A cursor for the array that starts at byte `start`, after optional blanks. See
    /// ``JSONMemberCursor/init(at:maximumDepth:allowsTrailing:)``.
    public init(
        at start: Int = 0,
        maximumDepth: Int = JSONScanner.defaultMaximumDepth,
        allowsTrailing: Bool = false
    ) {
        precondition(start >= 0, "negative index")
        position = start
        self.maximumDepth = maximumDepth
        self.allowsTrailing = allowsTrailing
    }

    /// The next element; nil behind the last one.
    ///
    /// - Throws: ``JSONError``; `.unexpectedKind` if the text holds a value of another kind than an array. After an
    ///   error the cursor must not be used further.
    public mutating func next(in bytes: RawSpan) throws(JSONError) -> Element? {
        guard state != .ended else { return nil }
        var index = position
        let (isFirst, depthLimit, mayTrail) = (state == .start, maximumDepth, allowsTrailing)
        let element = try unsafe JSONScanner.scanning(bytes, maximumDepth: depthLimit) {
            (scanner) throws(JSONError) -> Element? in
            try unsafe JSONElementCursor.advance(scanner, &index, isFirst: isFirst, mayTrail: mayTrail)
        }
        position = index
        state = element == nil ? .ended : .afterElement
        return element
    }

    private static func advance(
        _ scanner: borrowing UnsafeJSONScanner,
        _ index: inout Int,
        isFirst: Bool,
        mayTrail: Bool
    ) throws(JSONError) -> Element? {
        index = unsafe scanner.skipBlanks(at: index)
        guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
        let byte = unsafe scanner.base[index]
        if isFirst {
            guard byte == 0x5B else {
                throw JSONKind(firstByte: byte) == nil ? .invalid(index) : .unexpectedKind(index)
            }
            guard scanner.maximumDepth > 0 else { throw .tooDeep(index) }
        }
        if isFirst || byte == 0x2C {
            index = unsafe scanner.skipBlanks(at: index &+ 1)
            guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
        }
        if unsafe scanner.base[index] == 0x5D, isFirst || byte == 0x5D {
            index &+= 1
            if mayTrail { return nil }
            index = unsafe scanner.skipBlanks(at: index)
            guard index == scanner.count else { throw .trailing(index) }
            return nil
        }
        guard isFirst || byte == 0x2C else { throw .invalid(index) }
        guard let kind = JSONKind(firstByte: unsafe scanner.base[index]) else { throw .invalid(index) }
        let start = index
        var hasEscapes = false
        if kind == .string {
            index = try unsafe scanner.closingQuote(from: start &+ 1, hasEscapes: &hasEscapes) &+ 1
        } else {
            index = try unsafe scanner.skipValue(at: start, depth: 1)
        }
        return Element(value: start..<index, kind: kind, hasEscapes: hasEscapes)
    }
}
