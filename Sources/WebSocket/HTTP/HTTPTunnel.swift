/// The client's side of a `CONNECT` request (RFC 9110 §9.3.6), which turns a connection to a proxy into one to somebody else.
public struct HTTPTunnel: Sendable {
    /// Why there is no tunnel.
    public enum Failure: Error, Sendable, Equatable {
        /// The proxy answered with another status than 2xx; 407 asks for credentials, or for other ones.
        case refused(status: Int, reason: String)
        /// What the proxy answered is not a response.
        case invalidResponse(HTTPResponseError)
        /// More interim responses than ``HTTPTunnel/maximumInterimResponses``.
        case tooManyInterimResponses
        /// Bytes behind the response: the other side cannot have said anything before this side has.
        case unexpectedData

        fileprivate init(_ failure: FinalResponseReader.Failure) {
            switch failure {
            case .invalidResponse(let error): self = .invalidResponse(error)
            case .tooManyInterimResponses: self = .tooManyInterimResponses
            }
        }
    }

    /// The most interim (1xx) responses passed over: 8.
    public static let maximumInterimResponses = FinalResponseReader.maximumInterimResponses

    private var reader: FinalResponseReader

    /// Creates the state of one request.
    public init(limits: HTTPResponseParser.Limits = .init()) {
        reader = FinalResponseReader(limits: limits)
    }

    /// The request.
    ///
    /// - Parameters:
    ///   - authority: host and port to connect to, an IPv6 address in brackets.
    ///   - credentials: sent in `Proxy-Authorization`; nil for none.
    ///   - headers: further fields.
    /// - Throws: ``HTTPHeaderError`` for a field that cannot be sent, or an authority that is none.
    public static func request(
        authority: String,
        credentials: BasicCredentials? = nil,
        headers: [HTTPHeaderField] = []
    ) throws(HTTPHeaderError) -> [UInt8] {
        guard !authority.isEmpty, authority.utf8.allSatisfy(HTTPCharacters.isTarget) else {
            throw .invalidValue(name: "Host")
        }
        var bytes = Array("CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n".utf8)
        if let credentials {
            HTTPHeaderField(name: "Proxy-Authorization", value: credentials.fieldValue).append(to: &bytes)
        }
        for field in headers {
            try field.validate()
            for own in ["Host", "Content-Length", "Transfer-Encoding"] where field.isNamed(own) {
                throw .reserved(name: own)
            }
            field.append(to: &bytes)
        }
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }

    /// Takes the proxy's answer.
    ///
    /// - Returns: whether the tunnel is there.
    /// - Throws: why there will be none; the connection is of no further use.
    public mutating func receive(_ input: RawSpan) throws(Failure) -> Bool {
        var position = 0
        let head: HTTPResponseHead?
        do throws(FinalResponseReader.Failure) {
            head = try reader.receive(input, at: &position)
        } catch {
            throw Failure(error)
        }
        guard let head else { return false }
        guard 200..<300 ~= head.status else { throw .refused(status: head.status, reason: head.reason) }
        // A successful answer has no body, whatever its fields say (RFC 9110 §9.3.6).
        guard position == input.byteCount else { throw .unexpectedData }
        return true
    }
}
