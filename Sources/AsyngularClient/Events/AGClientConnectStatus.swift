import SocketProtocol

/// What the answer to the handshake said (contract §4).
public struct AGClientConnectStatus: Sendable {
    /// The id that the server gave to this connection; empty if it gave none.
    public let id: String
    /// How long the connection may be without a ping, milliseconds.
    public let pingTimeout: Int
    /// Whether the server accepted the token that was sent.
    public let isAuthenticated: Bool
    /// Why it did not; nil also if none was sent.
    public let authError: AGError?
    /// The token that was sent.
    public let authToken: AGClientAuthToken?
}
