public import WebSocket

/// A proxy that is asked for a tunnel by `CONNECT` (RFC 9110 §9.3.6), for `ws` and `wss` alike. The connection to the proxy itself
/// is not encrypted.
public struct HTTPProxy: Sendable, Hashable {
    /// The proxy's name or numeric address, without brackets.
    public var host: String
    /// The proxy's port.
    public var port: UInt16
    /// Sent in `Proxy-Authorization` at once, not only when asked for; nil for none.
    public var credentials: BasicCredentials?
    /// Further fields of the request.
    public var headers: [HTTPHeaderField] = []

    /// Creates a proxy's description.
    public init(host: String, port: UInt16, credentials: BasicCredentials? = nil) {
        self.host = host
        self.port = port
        self.credentials = credentials
    }

    /// The proxy of a URL: `http://[user:password@]host[:port]`; user and password may be percent-encoded, and the port is 80
    /// if not given.
    ///
    /// - Throws: ``DialError`` with the code `invalidURL`, whose text has nothing of the credentials.
    public init(_ url: String) throws(DialError) {
        var rest = Substring(url)
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else {
                throw ClientEndpoint.invalid("a proxy's scheme has to be http")
            }
            rest = rest[scheme.upperBound...]
        }
        if rest.hasSuffix("/") { rest.removeLast() }
        var credentials: BasicCredentials?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let user = PercentEncoding.decodeSegment(parts[0]),
                let password = PercentEncoding.decodeSegment(parts.count > 1 ? parts[1] : ""),
                let made = try? BasicCredentials(user: user, password: password)
            else { throw ClientEndpoint.invalid("the proxy's credentials cannot be sent") }
            credentials = made
            rest = rest[at...].dropFirst()
        }
        let (host, port) = try ClientEndpoint.split(rest)
        self.init(host: host, port: port ?? 80, credentials: credentials)
        try validate()
    }

    /// - Throws: ``DialError`` if the proxy cannot be asked.
    func validate() throws(DialError) {
        try ClientEndpoint(host: host, port: port).validate()
    }
}
