import AsyngularSupport
import StrictJSON

/// A signed token in this client's hands, and what it claims.
///
/// The client cannot verify a token, nor does it look at its times: the claims are read from the token's second part as they stand there
/// (contract §9.5), so nothing may be granted because of them.
public struct AGClientAuthToken: Sendable {
    private let text: RedactedText

    /// A token.
    ///
    /// - Parameter signed: the token as the server signed it.
    public init(signed: String) {
        text = RedactedText(text: signed)
    }

    /// The token as it was signed. A secret: do not log it.
    public var signed: String { text.text ?? "" }

    /// The claims' JSON; nil if the token's second part is no JSON in base64.
    public var claims: JSONText? {
        guard let bytes = TokenPayload.decode(signed) else { return nil }
        return try? JSONText(validating: bytes)
    }

    /// One claim; nil if it is absent.
    public subscript(_ name: String) -> JSONValue? {
        guard let value = try? claims?.value() else { return nil }
        return value[name]
    }

    /// The claim `exp`, seconds since 1970; nil if the token does not say when it expires.
    public var expiresAt: Double? { self["exp"]?.doubleValue }

    /// Decodes the claims as a type.
    ///
    /// - Throws: `DecodingError` if the claims do not fit the type; `JSONError` if the token has none that can be read.
    public func decode<Claims: Decodable>(as type: Claims.Type = Claims.self) throws -> Claims {
        try JSONText(validating: TokenPayload.decode(signed) ?? []).decode(as: type)
    }
}

extension AGClientAuthToken: Hashable {
    /// Two are equal if they are the same token.
    public static func == (left: AGClientAuthToken, right: AGClientAuthToken) -> Bool {
        left.signed == right.signed
    }

    /// Hashes the token.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(signed)
    }
}

extension AGClientAuthToken: CustomStringConvertible {
    /// The claims, and never the signed token.
    public var description: String { claims?.description ?? "<unreadable>" }
}
