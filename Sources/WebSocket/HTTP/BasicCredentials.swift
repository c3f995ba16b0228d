/// A user name and a password as HTTP's Basic scheme sends them (RFC 7617). Its texts show neither.
public struct BasicCredentials: Sendable, Hashable {
    private let user: String
    private let password: String

    /// Creates credentials.
    ///
    /// - Parameters:
    ///   - user: the name, which must not have a colon in it (§2).
    ///   - password: the password.
    /// - Throws: ``HTTPHeaderError/invalidValue(name:)`` for a name with a colon, or control characters in either.
    public init(user: String, password: String) throws(HTTPHeaderError) {
        let isPlain = { (byte: UInt8) in byte >= 0x20 && byte != 0x7F }
        guard !user.utf8.contains(UInt8(ascii: ":")), user.utf8.allSatisfy(isPlain), password.utf8.allSatisfy(isPlain)
        else { throw .invalidValue(name: "Authorization") }
        self.user = user
        self.password = password
    }

    /// The value of `Authorization` or `Proxy-Authorization`.
    public var fieldValue: String { "Basic " + Base64.text(Array("\(user):\(password)".utf8)) }
}

extension BasicCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Not the credentials.
    public var description: String { "<redacted>" }

    /// Not the credentials.
    public var debugDescription: String { description }

    /// Not the credentials.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
