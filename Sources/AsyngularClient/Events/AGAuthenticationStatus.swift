import SocketProtocol

/// What the server says to a token that is presented on an open connection (contract §9.3).
public struct AGAuthenticationStatus: Sendable {
    /// Whether the token was accepted.
    public let isAuthenticated: Bool
    /// Why it was not, if it is not a bad token: it may be accepted later, and stays stored. A bad token throws instead.
    public let authError: AGError?
}
