import SocketProtocol
import StrictJSON

/// A kind of event that a socket emits, for ``AGServerSocket/listener(_:)``. Contract §9.1 and §13.
public struct AGSocketEvent<Payload: Sendable>: Sendable {
    let id: AGSocketEventID
}

enum AGSocketEventID: UInt8 {
    case connect
    case disconnect
    case connectAbort
    case close
    case error
    case authStateChange
    case authenticate
    case deauthenticate
    case badAuthToken
    case authTokenSigned
    case subscribe
    case unsubscribe
    case message
    case raw
    case end
}

extension AGSocketEvent where Payload == AGConnectStatus {
    /// The handshake was accepted.
    public static var connect: Self { Self(id: .connect) }
}

extension AGSocketEvent where Payload == AGClosure {
    /// The socket closed after its handshake.
    public static var disconnect: Self { Self(id: .disconnect) }
    /// The socket closed before its handshake was complete.
    public static var connectAbort: Self { Self(id: .connectAbort) }
    /// The socket closed, in either state; follows the two above.
    public static var close: Self { Self(id: .close) }
}

extension AGSocketEvent where Payload == AGError {
    /// Something went wrong with this socket.
    public static var error: Self { Self(id: .error) }
}

extension AGSocketEvent where Payload == AGAuthStateChange {
    /// The socket became authenticated or stopped being so.
    public static var authStateChange: Self { Self(id: .authStateChange) }
}

extension AGSocketEvent where Payload == AGAuthToken {
    /// A token was accepted, also when another one was before.
    public static var authenticate: Self { Self(id: .authenticate) }
}

extension AGSocketEvent where Payload == AGAuthToken? {
    /// The socket lost its identity; the payload is the old token, nil if there was none.
    public static var deauthenticate: Self { Self(id: .deauthenticate) }
}

extension AGSocketEvent where Payload == AGBadAuthToken {
    /// The peer presented a token that is not good.
    public static var badAuthToken: Self { Self(id: .badAuthToken) }
}

extension AGSocketEvent where Payload == String {
    /// The server signed a token for this socket; the payload is the signed token.
    public static var authTokenSigned: Self { Self(id: .authTokenSigned) }
    /// The socket left a channel.
    public static var unsubscribe: Self { Self(id: .unsubscribe) }
}

extension AGSocketEvent where Payload == AGSubscription {
    /// The socket joined a channel, also when it had joined it before.
    public static var subscribe: Self { Self(id: .subscribe) }
}

extension AGSocketEvent where Payload == AGMessage {
    /// Any message arrived, pongs included.
    public static var message: Self { Self(id: .message) }
    /// A message arrived that is no packet (contract §18).
    public static var raw: Self { Self(id: .raw) }
}

extension AGSocketEvent where Payload == Void {
    /// The last event of a socket.
    public static var end: Self { Self(id: .end) }
}
