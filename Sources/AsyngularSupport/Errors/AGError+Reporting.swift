import SocketProtocol

extension AGError {
    /// An error of the program's own code as the peer sees it: an `AGError` as it is, anything else by its description.
    package init(reporting error: any Error) {
        self = (error as? AGError) ?? AGError(message: String(describing: error))
    }

    /// The task that waited for a call's answer was cancelled.
    package static func cancelled(event: String) -> AGError {
        AGError(name: "AbortError", message: "Event \(event) was aborted because the calling task was cancelled")
    }
}

extension CloseCode {
    /// 1013, Try Again Later (IANA registry): the server has no room now; clients back off and reconnect.
    package static let tryAgainLater = CloseCode(rawValue: 1013)
}
