import StrictJSON

/// How to sign a token: the options of `jsonwebtoken`'s `sign` (contract §8).
public struct SigningOptions: Sendable, Hashable {
    /// The algorithm; HS256 when `nil`, whatever the key, as in `jsonwebtoken`.
    public var algorithm: Algorithm?
    /// When the token expires, from `iat` on. `nil`, the default, adds no `exp`.
    public var expiresIn: Timespan?
    /// When the token becomes valid, from `iat` on. `nil`, the default, adds no `nbf`.
    public var notBefore: Timespan?
    /// `aud`: a string or an array.
    public var audience: JSONValue?
    /// `iss`.
    public var issuer: String?
    /// `sub`.
    public var subject: String?
    /// `jti`.
    public var jwtid: String?
    /// `kid` of the header; the key's own identifier when `nil`.
    public var keyid: String?
    /// Further header parameters; they follow `alg`, `typ` and `kid`, or replace `typ` and `kid` in place.
    public var header: JSONObject?
    /// True to leave `iat` out, even one in the payload; `exp` and `nbf` still count from it. False by default.
    public var noTimestamp = false
    /// How long an HMAC secret has to be; ``KeyStrength/any`` by default. `jsonwebtoken` has no such option.
    public var minimumKeyStrength = KeyStrength.any

    /// The default options: HS256, `iat` and nothing else.
    public init() {}

    /// Options that set the algorithm and the life time only.
    public init(algorithm: Algorithm? = nil, expiresIn: Timespan?) {
        self.algorithm = algorithm
        self.expiresIn = expiresIn
    }

    /// Reads options given as JSON, with the checks of `jsonwebtoken`'s `validateOptions` in the order of the members.
    ///
    /// `encoding` may only be `utf8`; `mutatePayload`, `allowInsecureKeySizes` and `allowInvalidAsymmetricKeyTypes` may
    /// only be false, as the first has no meaning here and the others would weaken the token.
    ///
    /// - Throws: ``SigningError`` for an unknown name or a value of the wrong type.
    public init(_ options: JSONObject) throws(SigningError) {
        for member in options { try set(member.name, to: member.value) }
    }

    private mutating func set(_ name: String, to value: JSONValue) throws(SigningError) {
        switch name {
        case "expiresIn": expiresIn = try Self.timespan(name, value)
        case "notBefore": notBefore = try Self.timespan(name, value)
        case "audience":
            guard value.kind == .string || value.kind == .array else { throw Self.mistyped(name, "a string or array") }
            audience = value
        case "algorithm":
            guard let algorithm = value.stringValue.flatMap(Algorithm.init(rawValue:)) else {
                throw Self.mistyped(name, "a valid string enum value")
            }
            self.algorithm = algorithm
        case "header":
            guard let header = value.objectValue else { throw Self.mistyped(name, "an object") }
            self.header = header
        case "encoding":
            guard let encoding = value.stringValue else { throw Self.mistyped(name, "a string") }
            guard encoding == "utf8" || encoding == "utf-8" else {
                throw SigningError(#""encoding" other than utf8 is not supported"#)
            }
        case "issuer": issuer = try Self.string(name, value)
        case "subject": subject = try Self.string(name, value)
        case "jwtid": jwtid = try Self.string(name, value)
        case "keyid": keyid = try Self.string(name, value)
        case "noTimestamp": noTimestamp = try Self.boolean(name, value)
        case "mutatePayload", "allowInsecureKeySizes", "allowInvalidAsymmetricKeyTypes":
            guard try !Self.boolean(name, value) else { throw SigningError(#""\#(name)" is not supported"#) }
        default: throw SigningError(#""\#(name)" is not allowed in "options""#)
        }
    }

    private static func mistyped(_ name: String, _ wanted: String) -> SigningError {
        SigningError(#""\#(name)" must be \#(wanted)"#)
    }

    private static func string(_ name: String, _ value: JSONValue) throws(SigningError) -> String {
        guard let string = value.stringValue else { throw mistyped(name, "a string") }
        return string
    }

    private static func boolean(_ name: String, _ value: JSONValue) throws(SigningError) -> Bool {
        guard let boolean = value.boolValue else { throw mistyped(name, "a boolean") }
        return boolean
    }

    private static func timespan(_ name: String, _ value: JSONValue) throws(SigningError) -> Timespan {
        if let text = value.stringValue, !text.isEmpty { return .text(text) }
        if let seconds = value.integerValue { return .seconds(seconds) }
        throw .notTimespan(name)
    }
}
