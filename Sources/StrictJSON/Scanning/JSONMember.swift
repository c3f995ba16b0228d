/// One member of an object, as byte ranges of the text.
@frozen
public struct JSONMember: Sendable, Hashable {
    /// The name.
    public let name: JSONString
    /// The value's bytes, quotes and brackets included.
    public let value: Range<Int>
    /// The value's kind.
    public let kind: JSONKind
    /// Whether the value is a string with escapes.
    public let valueHasEscapes: Bool

    /// A member found by a cursor.
    @inlinable
    public init(name: JSONString, value: Range<Int>, kind: JSONKind, valueHasEscapes: Bool) {
        self.name = name
        self.value = value
        self.kind = kind
        self.valueHasEscapes = valueHasEscapes
    }

    /// The value as a string; nil if it is something else.
    @inlinable
    public var stringValue: JSONString? {
        guard kind == .string else { return nil }
        return JSONString(range: value.lowerBound + 1..<value.upperBound - 1, hasEscapes: valueHasEscapes)
    }
}
