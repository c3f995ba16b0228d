import Logging

/// What is logged about a socket: its id, outcomes and the names of errors. Never a token, a claim or a text of the peer's.
extension AGServerSocket {
    /// Logs an event of this socket; nothing is built unless the level is on.
    nonisolated func log(
        _ level: Logger.Level,
        _ message: @autoclosure () -> Logger.Message,
        _ metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        guard context.logs(level) else { return }
        context.logger.log(level: level, message(), metadata: metadata().merging(["socket": "\(id)"]) { own, _ in own })
    }
}

extension AGServerSocket: CustomStringConvertible, CustomReflectable {
    /// The socket's id.
    public nonisolated var description: String { "AGServerSocket(\(id))" }

    /// The socket's id: what else there is may be secret.
    public nonisolated var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

extension AGServer: CustomStringConvertible, CustomReflectable {
    /// How many clients there are.
    public var description: String { "AGServer(\(clientsCount) clients)" }

    /// The options, without their secrets, and how many clients there are.
    public var customMirror: Mirror {
        Mirror(self, children: ["options": options, "clients": clientsCount])
    }
}

extension AGBadAuthToken: CustomStringConvertible, CustomReflectable {
    /// Why the token was refused; not the token.
    public var description: String { "AGBadAuthToken(\(authError.name ?? "Error"))" }

    /// Why the token was refused; not the token.
    public var customMirror: Mirror { Mirror(self, children: ["authError": authError]) }
}
