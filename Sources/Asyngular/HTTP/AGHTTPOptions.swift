import SocketProtocol

/// How an ``AGServer`` speaks plain HTTP: the limits of requests that are no upgrade, and who may read the answers.
///
/// Times are milliseconds. The limits of a request's head are ``AGServerOptions/maximumHeadBytes`` and
/// ``AGServerOptions/maximumHeaderFields``; the time for a connection's first head is
/// ``AGServerOptions/handshakeTimeout``.
public struct AGHTTPOptions: Sendable {
    /// From an answer to the end of the next request's head. A connection that is silent that long is closed without a
    /// word; one that stopped within a head is answered 408. 10,000.
    public var idleTimeout = 10_000
    /// From the end of a head to the end of its body; then 408. 30,000.
    public var bodyTimeout = 30_000
    /// How long a route's handler may take; then its task is cancelled and the client gets 503. 30,000.
    public var handlerTimeout = 30_000
    /// The largest body of a route that does not set its own limit, bytes; a larger one is answered 413. 64 KiB.
    public var maximumBodyBytes = 64 * 1024
    /// Bytes kept of requests sent ahead of the answer to the one before; beyond them the connection is not read. 64 KiB.
    public var maximumPipelinedBytes = 64 * 1024
    /// Requests that one connection may make; the last answer closes it. 1,000.
    public var maximumRequestsPerConnection = 1000
    /// Handlers that may run at once on one event loop; a request beyond them is answered 503. 1,024.
    public var maximumRunningRequests = 1024
    /// Which other sites' pages may read the answers. None: only the server's own pages.
    public var cors: AGCORSPolicy?

    /// The defaults.
    public init() {}

    /// - Throws: `InvalidOptionsError` naming the first option that makes no sense.
    func validate() throws(AGError) {
        for (name, value) in [
            ("idleTimeout", idleTimeout), ("bodyTimeout", bodyTimeout), ("handlerTimeout", handlerTimeout),
        ] where value <= 0 || value > Int(Int32.max) {
            throw .invalidOptions("The http.\(name) option must be between 1 and 2147483647 ms")
        }
        for (name, value) in [
            ("maximumBodyBytes", maximumBodyBytes), ("maximumPipelinedBytes", maximumPipelinedBytes),
            ("maximumRequestsPerConnection", maximumRequestsPerConnection),
            ("maximumRunningRequests", maximumRunningRequests),
        ] where value <= 0 {
            throw .invalidOptions("The http.\(name) option must be positive")
        }
        try cors?.validate()
    }
}
