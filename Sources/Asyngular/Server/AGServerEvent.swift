import SocketProtocol

/// A kind of event that the server emits, for ``AGServer/listener(_:)``. Each follows its socket's twin (contract §9.1).
public struct AGServerEvent<Payload: Sendable>: Sendable {
    let id: AGServerEventID
}

enum AGServerEventID: UInt8 {
    case connection
    case disconnection
    case connectionAbort
    case closure
    case warning
    case error
    case authenticationStateChange
    case authentication
    case deauthentication
    case badSocketAuthToken
    case subscription
    case unsubscription
    case ready
}

/// A socket's event as the server reports it.
public struct AGServerSocketEvent<Payload: Sendable>: Sendable {
    /// The socket it happened to.
    public let socket: AGServerSocket
    /// What the socket's own event carries.
    public let payload: Payload
}

extension AGServerEvent where Payload == AGServerSocketEvent<AGConnectStatus> {
    /// A handshake was accepted.
    public static var connection: Self { Self(id: .connection) }
}

extension AGServerEvent where Payload == AGServerSocketEvent<AGClosure> {
    /// A socket closed after its handshake.
    public static var disconnection: Self { Self(id: .disconnection) }
    /// A socket closed before its handshake was complete.
    public static var connectionAbort: Self { Self(id: .connectionAbort) }
    /// A socket closed, in either state.
    public static var closure: Self { Self(id: .closure) }
}

extension AGServerEvent where Payload == AGServerWarning {
    /// Something went wrong that the server survives.
    public static var warning: Self { Self(id: .warning) }
}

extension AGServerEvent where Payload == AGServerSocketEvent<AGAuthStateChange> {
    /// A socket became authenticated or stopped being so.
    public static var authenticationStateChange: Self { Self(id: .authenticationStateChange) }
}

extension AGServerEvent where Payload == AGServerSocketEvent<AGAuthToken> {
    /// A socket's token was accepted.
    public static var authentication: Self { Self(id: .authentication) }
}

extension AGServerEvent where Payload == AGServerSocketEvent<AGAuthToken?> {
    /// A socket lost its identity.
    public static var deauthentication: Self { Self(id: .deauthentication) }
}

extension AGServerEvent where Payload == AGServerSocketEvent<AGBadAuthToken> {
    /// A socket presented a token that is not good.
    public static var badSocketAuthToken: Self { Self(id: .badSocketAuthToken) }
}

extension AGServerEvent where Payload == AGServerSocketEvent<AGSubscription> {
    /// A socket joined a channel.
    public static var subscription: Self { Self(id: .subscription) }
}

extension AGServerEvent where Payload == AGServerSocketEvent<String> {
    /// A socket left a channel.
    public static var unsubscription: Self { Self(id: .unsubscription) }
}

extension AGServerEvent where Payload == Void {
    /// The server listens.
    public static var ready: Self { Self(id: .ready) }
}

/// The payload of ``AGServerEvent/warning``.
public struct AGServerWarning: Sendable {
    /// The socket concerned, if there is one.
    public let socket: AGServerSocket?
    /// What happened.
    public let error: AGError
}
