import JSONWebToken
import SocketProtocol
import StrictJSON

/// The claims of a verified token: who the peer is.
public struct AGAuthToken: Sendable, Hashable {
    /// The claims, a JSON object as it stood in the token.
    public let claims: JSONText
    /// The claim `exp`, seconds since 1970; nil if the token does not expire.
    public let expiresAt: Double?
    /// The claim `iat`, seconds since 1970; nil if it is absent.
    public let issuedAt: Double?
    /// The claim `sub`, if it is a string: whom ``AGAuthEngine/revoke(_:)`` can name.
    public let subject: String?
    /// The claim `jti`, if it is a string: what ``AGAuthEngine/revoke(_:)`` can name.
    public let tokenID: String?

    init(_ token: VerifiedToken) {
        claims = JSONText(unchecked: token.payload)
        expiresAt = token.expiresAt
        issuedAt = token.issuedAt
        subject = token.subject
        tokenID = token.tokenID
    }

    /// An identity that an ``AuthEngine`` has found by other means than a JSON Web Token.
    ///
    /// - Parameter claims: `exp` (seconds since 1970) ends it, and `iat`, `sub` and `jti` say what revokes it; the others are
    ///   the program's.
    public init(claims: JSONObject) {
        self.init(claims: claims, text: JSONText(.object(claims)))
    }

    /// The claims of a token that this server has signed itself; nil if it is no JSON Web Token.
    init?(reading signed: String) {
        guard let parts = try? TokenInspector.inspect(Array(signed.utf8)),
            case .object(let claims)? = try? parts.payloadValue()
        else { return nil }
        self.init(claims: claims, text: JSONText(unchecked: parts.payload))
    }

    private init(claims: JSONObject, text: JSONText) {
        self.claims = text
        expiresAt = claims["exp"]?.doubleValue
        issuedAt = claims["iat"]?.doubleValue
        subject = claims["sub"]?.stringValue
        tokenID = claims["jti"]?.stringValue
    }

    /// One claim, decoded; nil if it is absent.
    public subscript(_ name: String) -> JSONValue? {
        guard case .object(let object)? = try? claims.value() else { return nil }
        return object[name]
    }
}
