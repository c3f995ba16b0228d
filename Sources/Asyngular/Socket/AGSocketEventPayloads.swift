import SocketProtocol
import StrictJSON

/// Whether a socket's peer has proved who it is (contract §9).
public enum AGAuthState: String, Sendable {
    /// No valid token was presented, or it was lost.
    case unauthenticated
    /// The peer holds a valid token.
    case authenticated
}

/// How far a socket has come.
public enum AGSocketState: String, Sendable {
    /// The WebSocket is open; `#handshake` has not been accepted yet.
    case connecting
    /// The handshake was accepted.
    case open
    /// Closed, or a close was begun: nothing more is processed.
    case closed
}

/// What the handshake's answer said (contract §4).
public struct AGConnectStatus: Sendable {
    /// The socket's id.
    public let id: String
    /// The ping timeout told to the client, milliseconds.
    public let pingTimeout: Int
    /// Whether the socket is authenticated.
    public let isAuthenticated: Bool
    /// Why the token that was sent was not accepted.
    public let authError: AGError?
}

/// Why a socket closed.
public struct AGClosure: Sendable, Hashable {
    /// The close code, see `CloseCode`.
    public let code: CloseCode
    /// The reason given by whoever closed; may be empty.
    public let reason: String
}

/// A change of a socket's ``AGAuthState``.
public struct AGAuthStateChange: Sendable {
    /// The state before.
    public let oldAuthState: AGAuthState
    /// The state now.
    public let newAuthState: AGAuthState
    /// The token, when the socket became authenticated.
    public let authToken: AGAuthToken?
}

/// A token that was refused.
public struct AGBadAuthToken: Sendable {
    /// Why.
    public let authError: AGError
    /// The token as it was presented; the JSON of what was presented if that is no string. A secret in part: do not log it.
    public let signedAuthToken: String
}

/// A socket's subscription to a channel.
public struct AGSubscription: Sendable {
    /// The channel's name.
    public let channel: String
    /// The rest of the `#subscribe` data (contract §7): `data`, `waitForAuth` and what else the client sent.
    public let options: JSONText
}

/// A whole WebSocket message as it came.
public struct AGMessage: Sendable {
    /// The message's bytes; UTF-8 if it was text.
    public let bytes: [UInt8]
    /// Whether it came in a binary frame.
    public let isBinary: Bool
}
