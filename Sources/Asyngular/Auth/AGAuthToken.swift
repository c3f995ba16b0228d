import JSONWebToken
import StrictJSON

/// The claims of a verified token: who the peer is.
public struct AGAuthToken: Sendable, Hashable {
    /// The claims, a JSON object as it stood in the token.
    public let claims: JSONText
    /// The claim `exp`, seconds since 1970; nil if the token does not expire.
    public let expiresAt: Double?

    init(_ token: VerifiedToken) {
        claims = JSONText(unchecked: token.payload)
        expiresAt = token.expiresAt
    }

    init(claims: JSONText, expiresAt: Double?) {
        self.claims = claims
        self.expiresAt = expiresAt
    }

    /// One claim, decoded; nil if it is absent.
    public subscript(_ name: String) -> JSONValue? {
        guard case .object(let object)? = try? claims.value() else { return nil }
        return object[name]
    }
}
