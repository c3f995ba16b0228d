import HTTPTypes
import WebSocket

/// Thrown by a route's handler to answer with a status and a text.
///
/// Any other error is answered 500 without a word about it.
public struct AGHTTPError: Error, Sendable, Hashable {
    /// The status of the answer.
    public var status: HTTPResponse.Status
    /// The body of the answer, plain text; shown to the client, so nothing secret.
    public var message: String
    /// Further fields of the answer.
    public var headerFields: HTTPFields

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - status: 400–599 as a rule.
    ///   - message: nil gives the status's reason phrase.
    ///   - headerFields: such as `WWW-Authenticate`. None.
    public init(_ status: HTTPResponse.Status, _ message: String? = nil, headerFields: HTTPFields = [:]) {
        self.status = status
        self.message = message ?? HTTPResponseWriter.reasonPhrase(status.code)
        self.headerFields = headerFields
    }
}
