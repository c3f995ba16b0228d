/// How far a client's connection has come.
public enum AGClientState: String, Sendable {
    /// Being opened, or waiting for the answer to `#handshake`.
    case connecting
    /// The server accepted the handshake.
    case open
    /// There is no connection; another attempt may be planned (`pendingReconnect`).
    case closed
}
