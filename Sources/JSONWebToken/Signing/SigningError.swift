/// Why a token was not signed; with the message of the `jsonwebtoken` package where it has one.
///
/// The text never contains a claim's value or any part of a key.
public struct SigningError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The message.
    public let message: String

    /// The class of the error in JavaScript, where all of these are plain ones.
    public var name: String { "Error" }

    /// An error with a message.
    public init(_ message: String) {
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// The payload is no JSON object.
    public static let payloadNotObject = SigningError(#"Expected "payload" to be a plain object."#)

    /// The options are no JSON object.
    public static let optionsNotObject = SigningError(#"Expected "options" to be a plain object."#)

    /// There is no key, or an empty secret.
    public static let keyRequired = SigningError("secretOrPrivateKey must have a value")

    /// `iat`, `exp` or `nbf` in the payload is no finite number.
    static let notSeconds = SigningError("should be a number of seconds")

    /// OpenSSL failed.
    static let unavailable = SigningError("jwt signing is unavailable")

    /// A claim is given by the payload and by an option.
    static func givenTwice(_ option: String, claim: String) -> SigningError {
        switch claim {
        case "exp", "nbf":
            SigningError(#"Bad "options.\#(option)" option the payload already has an "\#(claim)" property."#)
        default:
            SigningError(#"Bad "options.\#(option)" option. The payload already has an "\#(claim)" property."#)
        }
    }

    /// An option is neither a whole number nor a non-empty text.
    static func notTimespan(_ option: String) -> SigningError {
        SigningError(#""\#(option)" should be a number of seconds or string representing a timespan"#)
    }

    /// An option is a text that `ms` cannot read.
    static func unreadableTimespan(_ option: String) -> SigningError {
        SigningError(
            #""\#(option)" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60"#
        )
    }

    /// The key cannot be used with the algorithm.
    static func keyMismatch(_ algorithm: Algorithm, key: SigningKey) -> SigningError {
        let type = key.material.kind
        if (type == .secret) != algorithm.isSymmetric {
            let wanted = algorithm.isSymmetric ? "a symmetric" : "an asymmetric"
            return SigningError("secretOrPrivateKey must be \(wanted) key when using \(algorithm.rawValue)")
        }
        if type == .rsaPSS || !type.mask.contains(algorithm) { return SigningError(type.mismatchMessage(algorithm)) }
        return SigningError("secretOrPrivateKey may not be used with \(algorithm.rawValue)")
    }

    /// The key is shorter than ``SigningOptions/minimumKeyStrength`` asks for.
    static func weakKey(_ algorithm: Algorithm) -> SigningError {
        SigningError(
            "secretOrPrivateKey has a minimum key size of \(algorithm.minimumSecretLength * 8) bits for "
                + algorithm.rawValue
        )
    }
}
