/// Walks through the members of an object in one pass, validating as it goes and without allocating.
///
/// The cursor keeps a position only; the same bytes are handed to every call:
///
///     var cursor = JSONMemberCursor()
///     while let member = try cursor.next(in: bytes) { … }
///
/// Once `next(in:)` has answered nil the whole text has been validated, the end behind the object included. Bytes
/// inside strings are not checked to be UTF-8 (see ``UTF8Check``), and duplicate names are reported as they come.
public struct JSONMemberCursor: Sendable {
    /// Where the next member, or the end, is looked for.
    public private(set) var position: Int
    private let maximumDepth: Int
    private let allowsTrailing: Bool
    private var state = State.start

    private enum State: UInt8 {
        case start
        case afterMember
        case ended
    }

    /// A cursor for the object that starts at byte `start`, after optional blanks.
    ///
    /// - Parameters:
    ///   - start: Where the object is looked for.
    ///   - maximumDepth: The nesting limit; the object itself is level 1.
    ///   - allowsTrailing: Whether something else may follow the object; then `position` ends behind it.
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

    /// The next member; nil behind the last one.
    ///
    /// - Throws: ``JSONError``; `.unexpectedKind` if the text holds a value of another kind than an object. After an
    ///   error the cursor must not be used further.
    public mutating func next(in bytes: RawSpan) throws(JSONError) -> JSONMember? {
        guard state != .ended else { return nil }
        // Copies of the two fields that change, so that the closure captures nothing of `self`.
        var index = position
        let (isFirst, depthLimit, mayTrail) = (state == .start, maximumDepth, allowsTrailing)
        let member = try unsafe JSONScanner.scanning(bytes, maximumDepth: depthLimit) {
            (scanner) throws(JSONError) -> JSONMember? in
            try unsafe JSONMemberCursor.advance(scanner, &index, isFirst: isFirst, mayTrail: mayTrail)
        }
        position = index
        state = member == nil ? .ended : .afterMember
        return member
    }

    private static func advance(
        _ scanner: borrowing UnsafeJSONScanner,
        _ index: inout Int,
        isFirst: Bool,
        mayTrail: Bool
    ) throws(JSONError) -> JSONMember? {
        index = unsafe scanner.skipBlanks(at: index)
        guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
        let byte = unsafe scanner.base[index]
        if isFirst {
            guard byte == 0x7B else {
                throw JSONKind(firstByte: byte) == nil ? .invalid(index) : .unexpectedKind(index)
            }
            guard scanner.maximumDepth > 0 else { throw .tooDeep(index) }
        }
        if isFirst || byte == 0x2C {
            index = unsafe scanner.skipBlanks(at: index &+ 1)
            guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
        }
        if unsafe scanner.base[index] == 0x7D, isFirst || byte == 0x7D {
            index &+= 1
            if mayTrail { return nil }
            index = unsafe scanner.skipBlanks(at: index)
            guard index == scanner.count else { throw .trailing(index) }
            return nil
        }
        guard isFirst || byte == 0x2C else { throw .invalid(index) }
        let member = try unsafe scanner.member(at: index)
        index = member.value.upperBound
        return member
    }
}
