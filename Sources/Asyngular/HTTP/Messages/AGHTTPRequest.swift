import EventLoop
import HTTPTypes
import StrictJSON
import WebSocket

/// A request to a route, complete with its body.
public struct AGHTTPRequest: Sendable {
    /// Method, target (`path`), `Host` (`authority`) and the other fields. The `scheme` is `http`.
    public let head: HTTPRequest
    /// The target up to its `?`, as received: neither decoded nor normalised.
    public let path: String
    /// The target's query, decoded; empty without one.
    public let query: AGQueryItems
    /// What the pattern's `:name` segments stand for, decoded, and under `*` the rest that the wildcard stands for, as
    /// received.
    public let parameters: [String: String]
    /// The body; empty without one.
    public let body: [UInt8]
    /// The client's address, or the last proxy's; nil if it is gone already.
    public let remoteAddress: SocketAddress?

    init(
        _ request: HTTPRequestHead,
        method: HTTPRequest.Method,
        parameters: [String: String],
        body: [UInt8],
        remoteAddress: SocketAddress?
    ) {
        var fields = HTTPFields()
        for field in request.headers {
            guard let name = HTTPField.Name(field.name), name.canonicalName != "host" else { continue }
            fields.append(HTTPField(name: name, value: field.value))
        }
        head = HTTPRequest(
            method: method,
            scheme: "http",
            authority: request.header("host"),
            path: request.target,
            headerFields: fields
        )
        path = request.path
        query = AGQueryItems(parsing: request.query ?? "")
        self.parameters = parameters
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The body as JSON.
    ///
    /// - Parameter maximumDepth: how deep the text may nest. 128.
    /// - Throws: ``AGHTTPError``: 415 unless the `Content-Type` is `application/json` or ends in `+json` (a page of
    ///   another site cannot send that without a CORS preflight), 400 if the body is not JSON.
    public func json(maximumDepth: Int = JSONScanner.defaultMaximumDepth) throws(AGHTTPError) -> JSONValue {
        let type = mediaType
        guard type == "application/json" || type.hasSuffix("+json") else {
            throw AGHTTPError(.unsupportedMediaType, "Content-Type must be application/json")
        }
        do throws(JSONError) {
            return try JSONValue(parsing: body, maximumDepth: maximumDepth)
        } catch {
            throw AGHTTPError(.badRequest, "Invalid JSON")
        }
    }

    /// The body as a form.
    ///
    /// - Throws: ``AGHTTPError``: 415 unless the `Content-Type` is `application/x-www-form-urlencoded`. A page of any site
    ///   can make a browser send such a form, with this site's cookies.
    public func form() throws(AGHTTPError) -> AGQueryItems {
        guard mediaType == "application/x-www-form-urlencoded" else {
            throw AGHTTPError(.unsupportedMediaType, "Content-Type must be application/x-www-form-urlencoded")
        }
        return AGQueryItems(parsing: body)
    }

    /// The `Content-Type` without its parameters, in lower case.
    private var mediaType: String {
        let value = head.headerFields[.contentType] ?? ""
        let type = value.prefix { $0 != ";" }
        return String(type.drop { $0 == " " }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()).lowercased()
    }
}
