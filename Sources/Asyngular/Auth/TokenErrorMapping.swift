import JSONWebToken
import SocketProtocol

extension AGError {
    /// What the peer is told of a token that was refused (contract §8, the mapping table).
    ///
    /// That this server cannot verify just now says nothing about the token, so the client keeps it (contract §20.7).
    init(_ error: TokenError) {
        switch error.name {
        case "Error":
            self = .authToken(error.message, isBadToken: !error.isUnavailable)
        case "TokenExpiredError":
            self = .authTokenExpired(error.message, expiry: Self.milliseconds(error.expiredAt))
        case "NotBeforeError":
            self = .authTokenNotBefore(error.message, date: Self.milliseconds(error.date))
        case "JsonWebTokenError":
            self = .authTokenInvalid(error.message)
        default:
            self = .authToken(error.message)
        }
    }

    /// A claim's seconds as the milliseconds of a date, kept inside what a JavaScript date can be.
    private static func milliseconds(_ seconds: Double?) -> Int64 {
        let limit = Double(ISODate.maximumMilliseconds)
        return Int64(Swift.min(Swift.max((seconds ?? 0) * 1000, -limit), limit))
    }
}
