/// Where the upgrade request may carry a token; see ``AGServerOptions/authUpgradeTokens``.
public enum AGUpgradeTokenSource: Sendable, Hashable {
    /// `Authorization: Bearer TOKEN` (RFC 6750 §2.1), which programs can send and browsers cannot.
    case authorizationHeader
    /// A cookie of this name, set `HttpOnly` by a login route so that no script can read it. A browser sends cookies
    /// whoever opens the WebSocket, so this needs a restricted ``AGServerOptions/origins``.
    case cookie(String)
    /// A subprotocol offered with this text before the token, for browsers: `new WebSocket(url, ["asyngular", "bearer." + token])`.
    /// The answer names the first one offered that is no token, so a browser has to offer another one too.
    case subprotocol(prefix: String)
}
