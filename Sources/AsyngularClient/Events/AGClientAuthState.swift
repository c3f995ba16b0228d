/// Whether the server has accepted a token of this client (contract §9). Losing the connection does not change it: the next
/// handshake's answer does.
public enum AGClientAuthState: String, Sendable {
    /// No token was accepted, or the last one was taken away.
    case unauthenticated
    /// The server accepted a token.
    case authenticated
}
