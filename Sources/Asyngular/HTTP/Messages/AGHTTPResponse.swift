import HTTPTypes
import StrictJSON
import WebSocket

/// A route's answer.
///
/// The server adds `Date`, `Content-Length`, `Connection` and the CORS fields; such fields set here are replaced or left
/// out. Names and values are checked by `HTTPFields`, so that no text can begin another field.
public struct AGHTTPResponse: Sendable, Hashable {
    /// Status and fields.
    public var head: HTTPResponse
    /// The body; not sent in an answer to `HEAD`, nor with 204 and 304.
    public var body: [UInt8]

    /// A response with a body of any type.
    ///
    /// - Parameters:
    ///   - status: 200–599; any other becomes 500. 200.
    ///   - contentType: nil leaves the field out.
    ///   - body: empty by default. What the client does not take at once counts against
    ///     ``AGServerOptions/outputLimit``.
    public init(status: HTTPResponse.Status = .ok, contentType: String? = nil, body: [UInt8] = []) {
        head = HTTPResponse(status: status)
        if let contentType { head.headerFields[.contentType] = contentType }
        self.body = body
    }

    /// A JSON text.
    public static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> AGHTTPResponse {
        AGHTTPResponse(status: status, contentType: "application/json", body: value.serialized())
    }

    /// A plain text in UTF-8, which browsers are told not to take for anything else.
    public static func text(_ text: String, status: HTTPResponse.Status = .ok) -> AGHTTPResponse {
        var response = AGHTTPResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
        response.head.headerFields[.xContentTypeOptions] = "nosniff"
        return response
    }

    /// A page in UTF-8. What comes from elsewhere must have been escaped.
    public static func html(_ text: String, status: HTTPResponse.Status = .ok) -> AGHTTPResponse {
        AGHTTPResponse(status: status, contentType: "text/html; charset=utf-8", body: Array(text.utf8))
    }

    /// A status without a body.
    public static func status(_ status: HTTPResponse.Status) -> AGHTTPResponse {
        AGHTTPResponse(status: status)
    }

    init(_ error: AGHTTPError) {
        self = .text(error.message, status: error.status)
        head.headerFields.append(contentsOf: error.headerFields)
    }

    /// The answer to a request that the server itself refuses.
    init(_ error: HTTPError) {
        self.init(
            status: .init(code: error.status),
            contentType: "text/html",
            body: Array(error.message.utf8)
        )
        for field in error.headers {
            if let name = HTTPField.Name(field.name) { head.headerFields[name] = field.value }
        }
    }
}
