/// One JSON value kept as its text: what arrives is relayed byte for byte and decoded only when somebody asks.
public struct JSONText: Sendable, Hashable {
    /// The text, UTF-8, without blanks around the value when made by `init(validating:)`.
    public let bytes: [UInt8]

    /// The text, to be read in place.
    public var span: RawSpan {
        @_lifetime(borrow self)
        get {
            // Bytes have no padding, which is all that is unsafe about `Span.bytes`.
            unsafe bytes.span.bytes
        }
    }

    /// Checks that `bytes` are one JSON value in well-formed UTF-8, and keeps them without the blanks around it.
    ///
    /// - Throws: ``JSONError``.
    public init(
        validating bytes: [UInt8],
        maximumDepth: Int = JSONScanner.defaultMaximumDepth
    ) throws(JSONError) {
        let range = try unsafe JSONScanner.validate(bytes.span.bytes, maximumDepth: maximumDepth)
        self.bytes = range.count == bytes.count ? bytes : Array(bytes[range])
    }

    /// Keeps bytes that the caller knows to be one JSON value in UTF-8. Nothing is checked: if they are not, peers
    /// will get broken messages.
    @inlinable
    public init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The text of a value.
    public init(_ value: JSONValue) {
        bytes = value.serialized()
    }

    /// The kind of value.
    public var kind: JSONKind? { JSONScanner.kind(of: span) }

    /// Decodes the value.
    ///
    /// - Throws: ``JSONError`` if the text is not JSON after all, or nested deeper than `maximumDepth`.
    public func value(
        maximumDepth: Int = JSONScanner.defaultMaximumDepth,
        duplicates: JSONDuplicates = .lastWins
    ) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: bytes, maximumDepth: maximumDepth, duplicates: duplicates)
    }
}

extension JSONText: CustomStringConvertible {
    /// The text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
