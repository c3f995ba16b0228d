/// A header field as strings.
public struct HTTPHeaderField: Sendable, Hashable {
    /// The field's name as written; names compare without regard to ASCII case.
    public var name: String
    /// The value without surrounding white space.
    public var value: String

    /// Creates a field.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
