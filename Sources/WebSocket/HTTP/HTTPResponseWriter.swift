/// Serialises HTTP/1.1 responses.
public enum HTTPResponseWriter {
    /// The interim response that asks for the body (RFC 9110 §15.2.1).
    public static let continueResponse = serialize(status: 100)

    /// What a response says about its connection (RFC 9112 §9.3).
    public enum Persistence: Sendable, Equatable {
        /// The connection closes behind it: `Connection: close`.
        case close
        /// The connection goes on, as HTTP/1.1 has it by default: no field.
        case implied
        /// The connection goes on, which an HTTP/1.0 client is told: `Connection: keep-alive`.
        case keepAlive
    }

    /// A response to a request, with `Date` and what frames it and its connection; the body is left to the caller.
    ///
    /// - Parameters:
    ///   - status: the status code, 200–599.
    ///   - reason: the reason phrase; nil or empty gives the standard one.
    ///   - headers: further fields, in order. Those that this function writes itself (`Connection`, `Content-Length`,
    ///     `Date`, `Keep-Alive`, `Transfer-Encoding`, `Upgrade`) are left out.
    ///   - contentLength: the body's length in bytes; of the body that `GET` would have in an answer to `HEAD`. Not
    ///     written for 204 and 304, which have no body.
    ///   - persistence: what becomes of the connection.
    ///   - date: seconds since 1970.
    public static func head(
        status: Int,
        reason: String? = nil,
        headers: [HTTPHeaderField] = [],
        contentLength: Int,
        persistence: Persistence,
        date: Int64
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        bytes.append(contentsOf: "HTTP/1.1 \(status) ".utf8)
        append(reason.flatMap { $0.isEmpty ? nil : $0 } ?? reasonPhrase(status), to: &bytes)
        bytes.append(contentsOf: "\r\n".utf8)
        for field in headers where !isOwn(field.name) { append(field, to: &bytes) }
        append(HTTPHeaderField(name: "Date", value: HTTPDate.string(secondsSince1970: date)), to: &bytes)
        switch persistence {
        case .close: append(HTTPHeaderField(name: "Connection", value: "close"), to: &bytes)
        case .keepAlive: append(HTTPHeaderField(name: "Connection", value: "keep-alive"), to: &bytes)
        case .implied: break
        }
        if hasBody(status) { bytes.append(contentsOf: "Content-Length: \(contentLength)\r\n".utf8) }
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }

    /// Whether a response with this status has a body (RFC 9110 §6.4.1), unless it answers `HEAD`.
    public static func hasBody(_ status: Int) -> Bool {
        status >= 200 && status != 204 && status != 304
    }

    private static func isOwn(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4, 7, 10, 14, 17:
            ["connection", "content-length", "date", "keep-alive", "transfer-encoding", "upgrade"]
                .contains { own in own.utf8.elementsEqual(name.utf8) { $0 == HTTPCharacters.lowercased($1) } }
        default: false
        }
    }

    private static func append(_ field: HTTPHeaderField, to bytes: inout [UInt8]) {
        append(field.name, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        append(field.value, to: &bytes)
        bytes.append(contentsOf: "\r\n".utf8)
    }

    /// A whole response with a `Content-Length`, which is left out for statuses that have no body (1xx, 204, 304).
    ///
    /// - Parameters:
    ///   - status: the status code.
    ///   - reason: the reason phrase; nil gives the standard one.
    ///   - headers: further fields, in order. Control characters in names and values become spaces, so that a value
    ///     cannot begin another field.
    ///   - body: the body.
    public static func serialize(
        status: Int,
        reason: String? = nil,
        headers: [HTTPHeaderField] = [],
        body: [UInt8] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 + body.count)
        bytes.append(contentsOf: "HTTP/1.1 \(status) ".utf8)
        append(reason ?? reasonPhrase(status), to: &bytes)
        bytes.append(contentsOf: "\r\n".utf8)
        for field in headers { append(field, to: &bytes) }
        let hasBody = hasBody(status)
        if hasBody { bytes.append(contentsOf: "Content-Length: \(body.count)\r\n".utf8) }
        bytes.append(contentsOf: "\r\n".utf8)
        if hasBody { bytes.append(contentsOf: body) }
        return bytes
    }

    /// The standard reason phrase of a status code (RFC 9110 §15); empty for one this server never sends.
    public static func reasonPhrase(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 205: "Reset Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 { bytes.append(byte < 0x20 && byte != 0x09 || byte == 0x7F ? 0x20 : byte) }
    }
}
