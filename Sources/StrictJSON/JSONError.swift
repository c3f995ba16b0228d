/// Why a text is not the JSON that was asked for.
///
/// Every case carries the byte offset at which the fault was seen, never any of the text itself, so that the error may
/// be logged even when the text holds a token.
@frozen
public enum JSONError: Error, Sendable, Hashable {
    /// A byte that RFC 8259's grammar does not allow at this offset.
    case invalid(Int)
    /// The text ends inside a value; the offset is the text's length.
    case unexpectedEnd(Int)
    /// An array or object is opened deeper than the depth limit allows.
    case tooDeep(Int)
    /// A member name that its object has already used, where duplicates are refused. The offset is that of the name.
    case duplicateMember(Int)
    /// Bytes that are not well-formed UTF-8 (RFC 3629).
    case invalidUTF8(Int)
    /// Something other than blanks behind the value.
    case trailing(Int)
    /// A well-formed value of a kind other than the one asked for.
    case unexpectedKind(Int)

    /// The byte offset of the fault.
    public var offset: Int {
        switch self {
        case .invalid(let offset), .unexpectedEnd(let offset), .tooDeep(let offset), .duplicateMember(let offset),
            .invalidUTF8(let offset), .trailing(let offset), .unexpectedKind(let offset):
            offset
        }
    }
}

extension JSONError: CustomStringConvertible {
    /// The fault and its offset, without any of the text.
    public var description: String {
        switch self {
        case .invalid(let offset): "invalid JSON at byte \(offset)"
        case .unexpectedEnd(let offset): "JSON ends unexpectedly at byte \(offset)"
        case .tooDeep(let offset): "JSON is nested too deeply at byte \(offset)"
        case .duplicateMember(let offset): "duplicate JSON member name at byte \(offset)"
        case .invalidUTF8(let offset): "invalid UTF-8 at byte \(offset)"
        case .trailing(let offset): "unexpected text behind the JSON value at byte \(offset)"
        case .unexpectedKind(let offset): "JSON value of an unexpected kind at byte \(offset)"
        }
    }
}
