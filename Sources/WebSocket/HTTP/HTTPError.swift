/// A request that is answered with an error response and the end of its connection.
///
/// `message` is the response's body and goes to the peer: it names what was wrong, never a header's value.
public struct HTTPError: Error, Sendable, Equatable {
    /// The status code, 400–599.
    public var status: Int
    /// The body of the response (contract §1).
    public var message: String
    /// Fields of the response besides `Connection`, `Content-Type` and `Content-Length`.
    public var headers: [HTTPHeaderField]

    /// Creates an error; by default the message is the status's reason phrase.
    public init(status: Int, message: String? = nil, headers: [HTTPHeaderField] = []) {
        self.status = status
        self.message = message ?? HTTPResponseWriter.reasonPhrase(status)
        self.headers = headers
    }

    /// The whole response: `Connection: close`, `Content-Type: text/html`, the further headers, the message as body.
    public func response() -> [UInt8] {
        let common = [
            HTTPHeaderField(name: "Connection", value: "close"),
            HTTPHeaderField(name: "Content-Type", value: "text/html"),
        ]
        return HTTPResponseWriter.serialize(status: status, headers: common + headers, body: Array(message.utf8))
    }

    /// A malformed request: 400 with a message that says what is malformed.
    static func badRequest(_ message: String) -> HTTPError {
        HTTPError(status: 400, message: message)
    }
}
