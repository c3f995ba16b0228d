import StrictJSON

/// The status code of a WebSocket close, with the meaning SocketCluster gives it (contract §13).
///
/// Applications may use 4100–4499, after which clients reconnect, and 4500 and above, after which they do not.
public struct CloseCode: RawRepresentable, Sendable, Hashable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// Any close code.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// 1000: closed on purpose; the default of `disconnect()`.
    public static let normal = CloseCode(rawValue: 1000)
    /// 1001: the socket was disconnected.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// 1002: the peer broke the WebSocket protocol.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// 1003: data of a kind that cannot be accepted.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// 1005: closed without a status code; local only.
    public static let noStatus = CloseCode(rawValue: 1005)
    /// 1006: the connection broke; local only.
    public static let abnormal = CloseCode(rawValue: 1006)
    /// 1007: text that is not UTF-8.
    public static let invalidPayload = CloseCode(rawValue: 1007)
    /// 1008: a policy was violated.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// 1009: the message was too big.
    public static let messageTooBig = CloseCode(rawValue: 1009)
    /// 1010: the client misses an extension.
    public static let mandatoryExtension = CloseCode(rawValue: 1010)
    /// 1011: the server met an unexpected condition.
    public static let internalError = CloseCode(rawValue: 1011)
    /// 4000: the client saw no ping in time.
    public static let pingTimeout = CloseCode(rawValue: 4000)
    /// 4001: the server saw no pong in time.
    public static let pongTimeout = CloseCode(rawValue: 4001)
    /// 4002: the server could not sign a token.
    public static let authTokenSigningFailed = CloseCode(rawValue: 4002)
    /// 4003: the client could not complete the handshake.
    public static let handshakeFailed = CloseCode(rawValue: 4003)
    /// 4004: the client could not save a token; declared but unused.
    public static let authTokenSavingFailed = CloseCode(rawValue: 4004)
    /// 4005: no `#handshake` in time.
    public static let handshakeTimeout = CloseCode(rawValue: 4005)
    /// 4006: no message broker; declared but unused.
    public static let brokerBindingFailed = CloseCode(rawValue: 4006)
    /// 4007: the client could not connect in time.
    public static let connectTimeout = CloseCode(rawValue: 4007)
    /// 4008: the handshake was malformed or rejected.
    public static let handshakeRejected = CloseCode(rawValue: 4008)
    /// 4009: a message before the handshake.
    public static let messageBeforeHandshake = CloseCode(rawValue: 4009)

    /// The text that stands locally for a close without a reason; nil for codes the table does not list. It is never
    /// sent.
    public var defaultReason: String? {
        switch rawValue {
        case 1000: "Socket closed normally"
        case 1001: "Socket was disconnected"
        case 1002: "A WebSocket protocol error was encountered"
        case 1003: "Server terminated socket because it received invalid data"
        case 1005: "Socket closed without status code"
        case 1006: "Socket hung up"
        case 1007: "Message format was incorrect"
        case 1008: "Encountered a policy violation"
        case 1009: "Message was too big to process"
        case 1010: "Client ended the connection because the server did not comply with extension requirements"
        case 1011: "Server encountered an unexpected fatal condition"
        case 4000: "Server ping timed out"
        case 4001: "Client pong timed out"
        case 4002: "Server failed to sign auth token"
        case 4003: "Failed to complete handshake"
        case 4004: "Client failed to save auth token"
        case 4005: "Did not receive #handshake from client before timeout"
        case 4006: "Failed to bind socket to message broker"
        case 4007: "Client connection establishment timed out"
        case 4008: "Server rejected handshake from client"
        case 4009: "Server received a message before the client handshake"
        default: nil
        }
    }

    /// Whether a close with this code raises no error: 1000 and 1001.
    @inlinable
    public var isIgnored: Bool { rawValue == 1000 || rawValue == 1001 }

    /// The error that a close with this code raises locally, a SocketProtocolError; nil if it is ignored.
    ///
    /// - Parameter reason: The reason that came with the close, if any. It is used for codes without a text of their
    ///   own.
    public func error(reason: String? = nil) -> AGError? {
        guard !isIgnored else { return nil }
        if let defaultReason { return .socketProtocol(defaultReason, code: self) }
        let suffix = reason.flatMap { $0.isEmpty ? nil : " and reason: \($0)" } ?? ""
        return .socketProtocol("Socket connection closed with status code \(rawValue)\(suffix)", code: self)
    }
}

extension CloseCode: ExpressibleByIntegerLiteral {
    /// The code of that number.
    public init(integerLiteral value: UInt16) { self.init(rawValue: value) }
}
