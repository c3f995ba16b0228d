/// A response head that is not HTTP/1.x, or more than this side takes. Texts never contain bytes of the response.
public enum HTTPResponseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The first line is no status line, or what answers speaks something other than HTTP.
    case invalidStatusLine
    /// A major version other than 1.
    case unsupportedVersion
    /// A line that is no header field, or does not end in CRLF.
    case invalidHeader
    /// The head is larger than ``HTTPResponseParser/Limits/maximumHeadBytes``, or one of its lines than
    /// ``HTTPResponseParser/Limits/maximumLineBytes``.
    case headTooLarge
    /// More fields than ``HTTPResponseParser/Limits/maximumHeaders``.
    case tooManyHeaders

    /// What was wrong, for people.
    public var description: String {
        switch self {
        case .invalidStatusLine: "The response does not begin with an HTTP status line"
        case .unsupportedVersion: "The response has an unsupported version of HTTP"
        case .invalidHeader: "The response has an invalid header line"
        case .headTooLarge: "The response head is too large"
        case .tooManyHeaders: "The response has too many header fields"
        }
    }
}
