/// Serialises HTTP/1.1 responses.
public enum HTTPResponse {
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
        for field in headers {
            append(field.name, to: &bytes)
            bytes.append(contentsOf: ": ".utf8)
            append(field.value, to: &bytes)
            bytes.append(contentsOf: "\r\n".utf8)
        }
        let hasBody = status >= 200 && status != 204 && status != 304
        if hasBody { bytes.append(contentsOf: "Content-Length: \(body.count)\r\n".utf8) }
        bytes.append(contentsOf: "\r\n".utf8)
        if hasBody { bytes.append(contentsOf: body) }
        return bytes
    }

    /// The standard reason phrase of a status code (RFC 9110 §15); empty for one this server never sends.
    public static func reasonPhrase(_ status: Int) -> String {
        switch status {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 { bytes.append(byte < 0x20 && byte != 0x09 || byte == 0x7F ? 0x20 : byte) }
    }
}
