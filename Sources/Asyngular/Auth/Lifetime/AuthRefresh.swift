import StrictJSON

/// Makes the claims of a token that takes the place of one that is about to expire; see
/// ``AGAuthEngine/refresh(before:_:)``.
public typealias AGRefreshHandler = @Sendable (AGServerSocket, AGAuthToken) async throws -> JSONObject?

/// When and how tokens are renewed.
struct AuthRefresh: Sendable {
    /// How long before `exp`, milliseconds.
    let lead: Double
    let handler: AGRefreshHandler

    /// When to renew a token, milliseconds since 1970.
    ///
    /// A token with less time left than the lead is renewed when half of it has passed: at once would be a loop where the
    /// new token is no longer-lived.
    func due(expiry: Double, now: Double) -> Double {
        let remaining = expiry - now
        return remaining > lead ? expiry - lead : expiry - remaining / 2
    }

    /// The claims to sign anew: a handler that returns the old token's claims means a new lifetime, not the old one.
    static func renewed(_ claims: JSONObject, replacing old: AGAuthToken) -> JSONObject {
        var claims = claims
        for name in ["iat", "nbf", "exp"] where claims[name] != nil && claims[name] == old[name] {
            claims[name] = nil
        }
        return claims
    }
}
