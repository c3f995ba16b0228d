/// Why something given as a key is not used as one.
///
/// The message names the problem and never contains any part of the key; ``Code`` is for programs.
public struct KeyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, as an open set: more codes may come.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let rawValue: String

        /// A code of that name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code's name.
        public var description: String { rawValue }

        /// There is no key in what was given, or no more than a header of one.
        public static let noKey = Code(rawValue: "noKey")
        /// The encoding of the key is broken, or a value in it is impossible.
        public static let malformed = Code(rawValue: "malformed")
        /// The input, or the number of keys in it, is beyond the documented limit.
        public static let tooLarge = Code(rawValue: "tooLarge")
        /// A kind of key, curve, algorithm or container that is not supported.
        public static let unsupported = Code(rawValue: "unsupported")
        /// The key is encrypted and no passphrase was given.
        public static let passphraseRequired = Code(rawValue: "passphraseRequired")
        /// The passphrase does not decrypt the key.
        public static let wrongPassphrase = Code(rawValue: "wrongPassphrase")
        /// A signing key was asked for and only a public one is there.
        public static let privateKeyRequired = Code(rawValue: "privateKeyRequired")
        /// The key is too weak to be used: a short modulus or a bad public exponent.
        public static let weak = Code(rawValue: "weak")
        /// The private and the public part do not belong together.
        public static let inconsistent = Code(rawValue: "inconsistent")
        /// The key does not fit any of the algorithms asked for.
        public static let algorithmMismatch = Code(rawValue: "algorithmMismatch")
        /// `use` or `key_ops` of a JWK do not allow what the key is wanted for.
        public static let notPermitted = Code(rawValue: "notPermitted")
        /// A text that is a public or private key was given as a shared secret.
        public static let notASecret = Code(rawValue: "notASecret")
        /// OpenSSL failed for a reason that is not in the key.
        public static let unavailable = Code(rawValue: "unavailable")
    }

    /// What is wrong.
    public let code: Code
    /// The same for people, as a sentence without a full stop.
    public let message: String

    /// An error with a code and a message.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }

    static let unavailable = KeyError(.unavailable, "OpenSSL could not prepare the key")
    static let privateKeyRequired = KeyError(.privateKeyRequired, "the key is public; signing needs a private key")
    static let inconsistent = KeyError(.inconsistent, "the private and the public part of the key do not match")

    static func algorithmMismatch(_ type: KeyType, _ wanted: Set<Algorithm>) -> KeyError {
        let names = wanted.map(\.rawValue).sorted().joined(separator: ", ")
        return KeyError(
            .algorithmMismatch,
            "the key is of type \(type.rawValue), which cannot be used with \(names.isEmpty ? "no algorithm" : names)"
        )
    }
}
