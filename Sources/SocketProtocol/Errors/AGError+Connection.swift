import StrictJSON

/// Errors of connections and calls (contract §1, §6, §12, §13).
extension AGError {
    /// How a connection was lost (`type` of a BadConnectionError).
    public enum ConnectionLoss: String, Sendable, Hashable {
        /// It had been open.
        case disconnect
        /// It never got that far.
        case connectAbort
    }

    /// The local error of a close (``CloseCode/error(reason:)``).
    public static func socketProtocol(_ message: String, code: CloseCode) -> AGError {
        AGError(
            name: "SocketProtocolError",
            message: message,
            properties: ["code": .integer(Int64(code.rawValue))]
        )
    }

    /// A fault of the server's own protocol handling.
    public static func serverProtocol(_ message: String) -> AGError {
        AGError(name: "ServerProtocolError", message: message)
    }

    /// An origin that may not connect; the text is also the body of the 403 response.
    public static func invalidOrigin(_ origin: String) -> AGError {
        serverProtocol("Failed to authorize socket handshake - Invalid origin: \(origin)")
    }

    /// A fault of the HTTP server. Declared by the protocol, unused by the stock packages.
    public static func httpServer(_ message: String) -> AGError {
        AGError(name: "HTTPServerError", message: message)
    }

    /// A limit was reached. Declared by the protocol, unused by the stock packages.
    public static func resourceLimit(_ message: String) -> AGError {
        AGError(name: "ResourceLimitError", message: message)
    }

    /// Something else. Declared by the protocol, unused by the stock packages.
    public static func unknown(_ message: String) -> AGError {
        AGError(name: "UnknownError", message: message)
    }

    /// A process ended. Declared by the protocol, unused by the stock packages.
    public static func processExit(_ message: String, code: Int) -> AGError {
        AGError(name: "ProcessExitError", message: message, properties: ["code": .integer(Int64(code))])
    }

    /// Something took too long.
    public static func timeout(_ message: String) -> AGError {
        AGError(name: "TimeoutError", message: message)
    }

    /// No response to a call in time.
    public static func responseTimeout(event: String) -> AGError {
        timeout("Event response for \(event) event timed out")
    }

    /// A call or message that the connection could not carry.
    ///
    /// - Parameters:
    ///   - message: What was aborted.
    ///   - type: Whether the connection had been open.
    ///   - code: The close code, once there is one.
    ///   - reason: The reason of the close, once there is one.
    public static func badConnection(
        _ message: String,
        type: ConnectionLoss,
        code: CloseCode? = nil,
        reason: String? = nil
    ) -> AGError {
        var properties: JSONObject = ["type": .string(type.rawValue)]
        if let code { properties["code"] = .integer(Int64(code.rawValue)) }
        if let reason { properties["reason"] = .string(reason) }
        return AGError(name: "BadConnectionError", message: message, properties: properties)
    }

    /// A call that was waiting for its response when the connection was lost.
    public static func callAborted(
        event: String,
        type: ConnectionLoss,
        code: CloseCode = .goingAway,
        reason: String? = nil
    ) -> AGError {
        badConnection("Event \(event) was aborted due to a bad connection", type: type, code: code, reason: reason)
    }

    /// `transmit` on a socket that is not open.
    public static func transmitAborted(event: String) -> AGError {
        badConnection(
            "Socket transmit \(event) event was aborted due to a bad connection",
            type: .connectAbort
        )
    }

    /// `invoke` on a socket that is not open.
    public static func invokeAborted(event: String) -> AGError {
        badConnection(
            "Socket invoke \(event) event was aborted due to a bad connection",
            type: .connectAbort
        )
    }
}
