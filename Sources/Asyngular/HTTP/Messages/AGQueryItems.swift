import AsyngularSupport

/// Names and values in `application/x-www-form-urlencoded`: a target's query or a form's body, decoded as the URL
/// standard does.
///
/// `+` is a space; a `%` that begins no escape stands for itself; bytes that are not UTF-8 become U+FFFD.
public struct AGQueryItems: Sendable, Hashable, RandomAccessCollection {
    /// A name and its value.
    public struct Item: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value; empty if there is no `=`.
        public var value: String

        /// Creates an item.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    private var items: [Item]

    /// Decodes a text.
    public init(parsing text: String) {
        self.init(parsing: Array(text.utf8))
    }

    /// Decodes the bytes of a text.
    public init(parsing bytes: [UInt8]) {
        items = bytes.split(separator: UInt8(ascii: "&")).map { part in
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            return Item(
                name: PercentEncoding.decodeForm(part[..<equals]),
                value: PercentEncoding.decodeForm(part[equals...].dropFirst())
            )
        }
    }

    /// The first value of a name; nil if it is absent.
    public subscript(_ name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// All values of a name, in order.
    public func all(_ name: String) -> [String] {
        items.filter { $0.name == name }.map { $0.value }
    }

    /// Where the items begin.
    public var startIndex: Int { items.startIndex }
    /// Behind the last item.
    public var endIndex: Int { items.endIndex }
    /// An item in the order of the text.
    public subscript(position: Int) -> Item { items[position] }
}
