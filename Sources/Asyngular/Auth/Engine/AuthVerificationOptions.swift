import JSONWebToken
import WebSocket

/// What an ``AuthEngine`` is told about a token besides the token.
public struct AuthVerificationOptions: Sendable {
    /// The socket that presents it; nil at the upgrade, and for ``AGAuthEngine/verifyToken(_:_:)``.
    public let socket: AGServerSocket?
    /// The upgrade request of the connection.
    public let request: HTTPRequestHead?
    /// What the server's options ask of a token: the algorithms accepted and the longest token.
    public let policy: VerificationPolicy

    init(socket: AGServerSocket?, request: HTTPRequestHead?, policy: VerificationPolicy) {
        self.socket = socket
        self.request = request
        self.policy = policy
    }
}
