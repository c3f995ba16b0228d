/// The kind of a JSON value, told by its first byte.
@frozen
public enum JSONKind: UInt8, Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case bool
    /// Any number.
    case number
    /// A string.
    case string
    /// An array.
    case array
    /// An object.
    case object

    /// The kind of value that starts with `byte`; nil if none does.
    @inlinable
    public init?(firstByte byte: UInt8) {
        switch byte {
        case 0x22: self = .string
        case 0x7B: self = .object
        case 0x5B: self = .array
        case 0x2D, 0x30...0x39: self = .number
        case 0x74, 0x66: self = .bool
        case 0x6E: self = .null
        default: return nil
        }
    }
}
