public import EventLoop
public import TLS
public import WebSocket

/// How a WebSocket is opened.
public struct DialOptions: Sendable {
    /// When the kernel asks a silent peer whether it is still there.
    public struct KeepAlive: Sendable, Hashable {
        /// Seconds of silence before the first probe. 60 by default.
        public var idleSeconds = 60
        /// Seconds between probes. 10 by default.
        public var intervalSeconds = 10
        /// Unanswered probes before the connection counts as lost. 6 by default.
        public var probes = 6

        /// The default settings.
        public init() {}
    }

    /// Further fields of the opening handshake, such as `Cookie` or `Authorization`. None by default.
    public var headers: [HTTPHeaderField] = []
    /// The value of `Origin`, which browsers send. None by default.
    public var origin: String?
    /// Subprotocols offered, in order of preference. None by default, as upstream (contract §1).
    public var subprotocols: [String] = []
    /// The value of `Sec-WebSocket-Extensions`, for ``ClientWebSocket/makeFilter(extensions:)``. None by default.
    public var extensions: String?
    /// A proxy to go through, unless the endpoint is a Unix-domain socket. None by default.
    public var proxy: HTTPProxy?
    /// The settings of `wss`; nil (the default) for one context of the process with the default settings: the system's
    /// authorities, the host's name checked.
    public var tls: TLSContext?
    /// How long all of it may take: the name's look-up, connecting, proxy, TLS and the opening handshake. 20,000 by default, as
    /// upstream's `connectTimeout` (contract §14).
    public var timeoutMilliseconds: UInt64 = 20_000
    /// How long one address is waited for before the next one is tried beside it (RFC 8305 §5). 250 by default.
    public var attemptDelayMilliseconds: UInt64 = 250
    /// How the kernel watches a silent connection; nil for not at all. On by default.
    public var keepAlive: KeepAlive? = KeepAlive()
    /// Settings of the connection, such as the limit of buffered output.
    public var connection = Connection.Options()
    /// What the head of an answer may be.
    public var responseLimits = HTTPResponseParser.Limits()

    /// The default settings.
    public init() {}
}
