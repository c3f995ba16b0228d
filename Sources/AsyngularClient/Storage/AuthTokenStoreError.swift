/// Why a token could not be stored, loaded or removed. Texts name files and system errors, never a token.
public struct AuthTokenStoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as an open set: more codes may come.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let rawValue: String

        /// A code of that name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code's name.
        public var description: String { rawValue }

        /// The token is empty, or larger than the store takes.
        public static let invalidToken = Self(rawValue: "invalidToken")
        /// The name is empty or too long.
        public static let invalidName = Self(rawValue: "invalidName")
        /// What is stored is no token: not a plain file, too large, or not text.
        public static let unusable = Self(rawValue: "unusable")
        /// The store has no room, or too much to do.
        public static let full = Self(rawValue: "full")
        /// The file system failed; see ``AuthTokenStoreError/errno``.
        public static let fileSystem = Self(rawValue: "fileSystem")
    }

    /// What went wrong.
    public let code: Code
    /// The same for people.
    public let reason: String
    /// The system's error number; 0 if there is none.
    public let errno: Int32

    /// Creates an error.
    public init(_ code: Code, _ reason: String, errno: Int32 = 0) {
        self.code = code
        self.reason = reason
        self.errno = errno
    }

    /// The code and the reason.
    public var description: String { "\(code): \(reason)" }
}
