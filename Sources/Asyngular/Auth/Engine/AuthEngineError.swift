import SocketProtocol

/// Why an ``AuthEngine`` does not accept a token. The texts are sent to the client: no secret belongs in them.
public enum AuthEngineError: Error, Sendable, Hashable {
    /// It can never become good; the client is told to forget it. `AuthTokenInvalidError`.
    case badToken(String)
    /// It was good until `at`, milliseconds since 1970; the client is told to forget it. `AuthTokenExpiredError`.
    case expired(at: Int64)
    /// It will be good from `at` on, milliseconds since 1970; the client keeps it. `AuthTokenNotBeforeError`.
    case notActiveYet(at: Int64)
    /// It cannot be judged now, which says nothing about it; the client keeps it. `AuthTokenError` with `isBadToken` false.
    case cannotVerify(String)

    /// What the peer is told (contract §8, the mapping table).
    var error: AGError {
        switch self {
        case .badToken(let message): .authTokenInvalid(message)
        case .expired(let at): .authTokenExpired(expiry: at)
        case .notActiveYet(let at): .authTokenNotBefore(date: at)
        case .cannotVerify(let message): .authToken(message, isBadToken: false)
        }
    }
}
