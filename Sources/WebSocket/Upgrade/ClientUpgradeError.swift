/// Why a server's answer does not open a WebSocket (RFC 6455 §4.1). The client fails the connection.
///
/// Nothing in it but a refusal's status and reason phrase comes from the server.
public enum ClientUpgradeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another status than 101: no WebSocket here, or not for this client. Redirections are not followed.
    case refused(status: Int, reason: String)
    /// What the server answered is not a response.
    case invalidResponse(HTTPResponseError)
    /// HTTP/1.0, which has no upgrade.
    case unsupportedVersion
    /// More interim responses than ``ClientUpgradeResponse/maximumInterimResponses``.
    case tooManyInterimResponses
    /// No `Upgrade: websocket`.
    case missingUpgrade
    /// `Connection` does not list `Upgrade`.
    case missingConnection
    /// `Sec-WebSocket-Accept` is missing, there more than once, or does not answer this request's key.
    case wrongAccept
    /// An extension that was not offered, or one twice.
    case unexpectedExtension
    /// A subprotocol that was not offered, or more than one.
    case unexpectedSubprotocol

    init(_ failure: FinalResponseReader.Failure) {
        switch failure {
        case .invalidResponse(let error): self = .invalidResponse(error)
        case .tooManyInterimResponses: self = .tooManyInterimResponses
        }
    }

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .refused(let status, let reason): "The server answered \(status)\(reason.isEmpty ? "" : " ")\(reason)"
        case .invalidResponse(let error): error.description
        case .unsupportedVersion: "The server answered with HTTP/1.0"
        case .tooManyInterimResponses: "The server sent too many interim responses"
        case .missingUpgrade: "The response does not upgrade to websocket"
        case .missingConnection: "The response has no Connection: Upgrade"
        case .wrongAccept: "The response has a wrong Sec-WebSocket-Accept"
        case .unexpectedExtension: "The response has an extension that was not offered"
        case .unexpectedSubprotocol: "The response has a subprotocol that was not offered"
        }
    }
}
