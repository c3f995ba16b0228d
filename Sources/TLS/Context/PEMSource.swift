/// Where certificates or a key are, in the PEM format (RFC 7468). What is between the blocks is ignored.
public enum PEMSource: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A file, read once when the context is made. Blocks the calling thread meanwhile.
    case file(String)
    /// The content of such a file.
    case bytes([UInt8])

    /// The content of such a file.
    /// - Parameter text: Its characters.
    public static func text(_ text: String) -> Self { .bytes(Array(text.utf8)) }

    /// The path, or how many bytes there are; never what is in them.
    public var description: String {
        switch self {
        case .file(let path): "PEM file \(path)"
        case .bytes(let bytes): "\(bytes.count) bytes of PEM"
        }
    }

    /// As ``description``: the bytes may be a private key.
    public var debugDescription: String { description }

    /// Shows nothing of the content.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
