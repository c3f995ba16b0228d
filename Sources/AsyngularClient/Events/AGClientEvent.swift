import SocketProtocol

/// A kind of event that a client emits, for ``AGClientSocket/listener(_:)``. Contract §9.1 and §13.
public struct AGClientEvent<Payload: Sendable>: Sendable {
    let id: AGClientEventID
}

enum AGClientEventID: UInt8 {
    case connecting
    case connect
    case connectAbort
    case disconnect
    case close
    case error
    case authStateChange
    case authenticate
    case deauthenticate
    case removeAuthToken
    case subscribeRequest
    case subscribe
    case subscribeFail
    case subscribeStateChange
    case unsubscribe
    case kickOut
    case message
    case raw
}

extension AGClientEvent where Payload == Void {
    /// An attempt to connect began.
    public static var connecting: Self { Self(id: .connecting) }
}

extension AGClientEvent where Payload == AGClientConnectStatus {
    /// The server accepted the handshake; says whether it also accepted the token.
    public static var connect: Self { Self(id: .connect) }
}

extension AGClientEvent where Payload == AGClientClosure {
    /// An attempt to connect failed, or was given up.
    public static var connectAbort: Self { Self(id: .connectAbort) }
    /// The connection ended.
    public static var disconnect: Self { Self(id: .disconnect) }
    /// Either of these two; follows them.
    public static var close: Self { Self(id: .close) }
}

extension AGClientEvent where Payload == AGError {
    /// Something went wrong: a close with any code but 1000 and 1001, a handshake that failed, a token that could not be stored.
    public static var error: Self { Self(id: .error) }
}

extension AGClientEvent where Payload == AGClientAuthStateChange {
    /// The client became authenticated or stopped being so.
    public static var authStateChange: Self { Self(id: .authStateChange) }
}

extension AGClientEvent where Payload == AGClientAuthentication {
    /// A token was accepted, also when another one was before.
    public static var authenticate: Self { Self(id: .authenticate) }
}

extension AGClientEvent where Payload == AGClientDeauthentication {
    /// The client lost its identity.
    public static var deauthenticate: Self { Self(id: .deauthenticate) }
}

extension AGClientEvent where Payload == AGAuthTokenRemoval {
    /// The stored token was removed.
    public static var removeAuthToken: Self { Self(id: .removeAuthToken) }
}

extension AGClientEvent where Payload == AGChannelSubscription {
    /// The server was asked for a channel.
    public static var subscribeRequest: Self { Self(id: .subscribeRequest) }
    /// The server accepted a subscription.
    public static var subscribe: Self { Self(id: .subscribe) }
}

extension AGClientEvent where Payload == AGChannelSubscribeFailure {
    /// The server refused a subscription.
    public static var subscribeFail: Self { Self(id: .subscribeFail) }
}

extension AGClientEvent where Payload == AGChannelStateChange {
    /// A channel's state changed.
    public static var subscribeStateChange: Self { Self(id: .subscribeStateChange) }
}

extension AGClientEvent where Payload == String {
    /// The client is no longer in a channel, also because it lost its connection; the payload is the channel's name.
    public static var unsubscribe: Self { Self(id: .unsubscribe) }
}

extension AGClientEvent where Payload == AGChannelKickOut {
    /// The server took the client out of a channel.
    public static var kickOut: Self { Self(id: .kickOut) }
}

extension AGClientEvent where Payload == AGClientMessage {
    /// Any message arrived, pings included.
    public static var message: Self { Self(id: .message) }
    /// A message arrived that is no packet (contract §18).
    public static var raw: Self { Self(id: .raw) }
}
