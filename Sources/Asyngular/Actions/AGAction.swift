import JSONWebToken
import SocketProtocol
import StrictJSON
import WebSocket

/// Something a peer wants to do, as the server's action filter sees it (contract §11).
public struct AGAction: Sendable {
    /// The kinds of action.
    public enum Kind: String, Sendable, CaseIterable {
        /// A WebSocket upgrade; blocking it answers 401.
        case handshakeWS
        /// The `#handshake` packet, after its token was verified; blocking it closes the socket.
        case handshakeSC
        /// A valid token was presented, in the handshake or by `#authenticate`.
        case authenticate
        /// An event that wants no answer.
        case transmit
        /// An RPC.
        case invoke
        /// `#subscribe`.
        case subscribe
        /// `#publish` from a client.
        case publishIn

        /// The middleware line the kind belongs to.
        var line: String {
            switch self {
            case .handshakeWS, .handshakeSC: "handshake"
            default: "inbound"
            }
        }
    }

    /// What the peer wants.
    public let kind: Kind
    private let upgrade: HTTPRequestHead?
    /// The socket; nil for ``Kind/handshakeWS``.
    public let socket: AGServerSocket?
    /// The event's name, for ``Kind/transmit`` and ``Kind/invoke``.
    public var event: String?
    /// The channel, for ``Kind/subscribe`` and ``Kind/publishIn``.
    public var channel: String?
    /// The data sent along; nil if there was none.
    public var data: JSONText?
    /// The socket's identity at this moment (for ``Kind/handshakeSC`` and ``Kind/authenticate``: the one presented).
    public var authToken: AGAuthToken?
    /// Set when the socket's token had expired by the time of this action; its identity is gone already (contract §9.5).
    public var authTokenExpiredError: AGError?
    /// Why the token in the handshake was refused, for ``Kind/handshakeSC``.
    public var authTokenError: AGError?

    /// The upgrade request of the connection; see ``AGServerSocket/request``.
    public var request: HTTPRequestHead {
        guard let request = upgrade ?? socket?.request else { preconditionFailure("an action has one or the other") }
        return request
    }

    /// Something done on a socket.
    init(_ kind: Kind, socket: AGServerSocket) {
        self.kind = kind
        self.socket = socket
        upgrade = nil
    }

    /// A connection that would become a socket.
    init(handshakeWS request: HTTPRequestHead) {
        kind = .handshakeWS
        socket = nil
        upgrade = request
    }
}

/// The answer of an action filter.
public enum AGActionVerdict: Sendable {
    /// Go on.
    case allow
    /// Refuse; the peer is told the error, unless its property `silent` is true, and the server reports it.
    case block(AGError)
    /// Refuse; the peer is told no more than that it was blocked, the server reports the error.
    case blockSilently(AGError)

    /// What the peer is told (contract §11), or nil if the action is allowed.
    func visibleError(for kind: AGAction.Kind) -> AGError? {
        switch self {
        case .allow: nil
        case .block(let error) where !error.isSilent: error
        case .block, .blockSilently: .silentMiddlewareBlocked(action: kind.rawValue, line: kind.line)
        }
    }

    /// What the server reports (contract §11), or nil if the action is allowed.
    var localError: AGError? {
        switch self {
        case .allow: nil
        case .block(let error), .blockSilently(let error): error
        }
    }
}

/// Decides about actions: the one point through which everything a peer does passes. It runs on the socket's event loop
/// and must not block; complete middleware is built on it.
public struct AGActionFilter: Sendable {
    let kinds: Set<AGAction.Kind>
    let decide: @Sendable (AGAction) -> AGActionVerdict

    /// - Parameters:
    ///   - kinds: the actions to be asked about; the others cost nothing.
    ///   - decide: the decision.
    public init(
        for kinds: Set<AGAction.Kind> = Set(AGAction.Kind.allCases),
        decide: @escaping @Sendable (AGAction) -> AGActionVerdict
    ) {
        self.kinds = kinds
        self.decide = decide
    }
}
