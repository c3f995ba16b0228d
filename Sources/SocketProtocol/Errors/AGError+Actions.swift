import StrictJSON

/// Errors of actions, arguments and channels (contract §4–§7, §11, §12).
extension AGError {
    /// A middleware blocked an action without giving the peer a reason.
    ///
    /// - Parameters:
    ///   - action: The action's type, such as `publishIn`.
    ///   - line: The middleware line, such as `inbound`; it becomes the property `type`.
    public static func silentMiddlewareBlocked(action: String, line: String) -> AGError {
        AGError(
            name: "SilentMiddlewareBlockedError",
            message: "The \(action) AGAction was blocked by \(line) middleware",
            properties: ["type": .string(line)]
        )
    }

    /// An action that makes no sense as it was asked for.
    public static func invalidAction(_ message: String) -> AGError {
        AGError(name: "InvalidActionError", message: message)
    }

    /// `#handshake` without a numeric cid.
    public static var handshakeMalformatted: AGError { invalidAction("Handshake request was malformatted") }

    /// `#authenticate` without a numeric cid.
    public static var authenticateMalformatted: AGError { invalidAction("Authenticate request was malformatted") }

    /// `#subscribe` whose channel is no string.
    public static var subscribeMalformatted: AGError { invalidAction("Subscribe channel name was malformatted") }

    /// `#unsubscribe` whose channel is no string.
    public static var unsubscribeMalformatted: AGError { invalidAction("Unsubscribe channel name was malformatted") }

    /// `#publish` whose channel is no string.
    public static var publishMalformatted: AGError { invalidAction("Publish channel name was malformatted") }

    /// `#publish` while clients may not publish.
    public static var publishDisabled: AGError { invalidAction("Client publish feature is disabled") }

    /// `#subscribe` before the handshake, where that is not a protocol error already.
    public static var subscribeBeforeHandshake: AGError {
        invalidAction("Cannot subscribe socket to a channel before it has completed the handshake")
    }

    /// `setAuthToken` before the handshake.
    public static var setAuthTokenBeforeHandshake: AGError {
        invalidAction("Cannot call setAuthToken before completing the handshake")
    }

    /// An action that was allowed or blocked twice.
    ///
    /// - Parameters:
    ///   - action: The action's type.
    ///   - outcome: What it had been: `allowed` or `blocked`.
    ///   - attempt: What was tried: `allow` or `block`.
    public static func actionSettled(_ action: String, outcome: String, attempt: String) -> AGError {
        invalidAction("AGAction \(action) has already been \(outcome); cannot \(attempt)")
    }

    /// Arguments that an API does not accept.
    public static func invalidArguments(_ message: String) -> AGError {
        AGError(name: "InvalidArgumentsError", message: message)
    }

    /// `setAuthToken` with an algorithm among its options.
    public static var algorithmChange: AGError {
        invalidArguments(
            "Cannot change auth token algorithm at runtime - It must be specified as a config option on launch"
        )
    }

    /// Options that an API does not accept.
    public static func invalidOptions(_ message: String) -> AGError {
        AGError(name: "InvalidOptionsError", message: message)
    }

    /// A message that cannot be understood.
    public static func invalidMessage(_ message: String) -> AGError {
        AGError(name: "InvalidMessageError", message: message)
    }

    /// `#setAuthToken` without data, on the client.
    public static var authTokenMissing: AGError {
        invalidMessage("No token data provided by #setAuthToken event")
    }

    /// The broker refused an operation.
    public static func broker(_ message: String) -> AGError {
        AGError(name: "BrokerError", message: message)
    }

    /// A subscription that the broker side refused, and why.
    public static func subscribeFailed(channel: String, reason: AGError) -> AGError {
        broker("Failed to subscribe socket to the \(channel) channel - \(reason)")
    }

    /// A subscription that was not ended, and why.
    public static func unsubscribeFailed(channel: String, reason: AGError) -> AGError {
        broker("Failed to unsubscribe socket from the \(channel) channel - \(reason)")
    }

    /// More channels than a socket may have; the reason of ``subscribeFailed(channel:reason:)``.
    public static func channelLimitExceeded(socketID: String, limit: Int) -> AGError {
        invalidAction("Socket \(socketID) tried to exceed the channel subscription limit of \(limit)")
    }

    /// A channel that the socket is not subscribed to; the reason of ``unsubscribeFailed(channel:reason:)``.
    public static func notSubscribed(socketID: String) -> AGError {
        invalidAction("Socket \(socketID) tried to unsubscribe from a channel which it is not subscribed to")
    }
}
