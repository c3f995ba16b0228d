import StrictJSON

/// Errors of authentication (contract §8, §9, §12).
extension AGError {
    /// A token that had expired when it was verified.
    ///
    /// - Parameters:
    ///   - message: The verifier's text.
    ///   - expiry: The time of expiry, milliseconds since 1970.
    public static func authTokenExpired(_ message: String = "jwt expired", expiry: Int64) -> AGError {
        let date = ISODate.string(millisecondsSince1970: expiry)
        return AGError(
            name: "AuthTokenExpiredError",
            message: message,
            properties: ["expiry": .string(date), "isBadToken": true]
        )
    }

    /// The token of an open socket has expired; a property of actions, so it carries the claim as it is and no
    /// `isBadToken`.
    ///
    /// - Parameter expiry: The `exp` claim, in seconds.
    public static func socketAuthTokenExpired(expiry: Double) -> AGError {
        AGError(
            name: "AuthTokenExpiredError",
            message: "The socket auth token has expired",
            properties: ["expiry": .number(expiry)]
        )
    }

    /// A token that is malformed, wrongly signed or otherwise unacceptable.
    public static func authTokenInvalid(_ message: String) -> AGError {
        AGError(name: "AuthTokenInvalidError", message: message, properties: ["isBadToken": true])
    }

    /// A token whose time has not come; the client keeps it.
    ///
    /// - Parameters:
    ///   - message: The verifier's text.
    ///   - date: When it becomes valid, milliseconds since 1970.
    public static func authTokenNotBefore(_ message: String = "jwt not active", date: Int64) -> AGError {
        let text = ISODate.string(millisecondsSince1970: date)
        return AGError(
            name: "AuthTokenNotBeforeError",
            message: message,
            properties: ["date": .string(text), "isBadToken": false]
        )
    }

    /// Any other failure of verification.
    ///
    /// - Parameters:
    ///   - message: What failed.
    ///   - isBadToken: Whether the client is to discard its token; false if the token could not be verified at all,
    ///     which says nothing about it (contract §20.7).
    public static func authToken(_ message: String, isBadToken: Bool = true) -> AGError {
        AGError(name: "AuthTokenError", message: message, properties: ["isBadToken": .bool(isBadToken)])
    }

    /// A token that is neither a string nor null (contract §8, row 0).
    public static var authTokenNotString: AGError {
        authToken("Invalid token format - Token must be a string")
    }

    /// A token could not be delivered to the client, and why.
    public static func authTokenDelivery(reason: String) -> AGError {
        AGError(name: "AuthError", message: "Failed to deliver auth token to client - \(reason)")
    }

    /// The client's answer to a token was an error without a message.
    public static var authTokenDeliveryUnconfirmed: AGError {
        AGError(
            name: "AuthError",
            message: "Failed to confirm delivery of auth token to client due to malformatted error response"
        )
    }

    /// Authentication failed for another reason.
    public static func auth(_ message: String) -> AGError {
        AGError(name: "AuthError", message: message)
    }
}
