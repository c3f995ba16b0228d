import SocketProtocol

/// Renews a token before it expires.
public struct AGAuthTokenRefresh: Sendable {
    /// How long before the token's `exp` to ask, milliseconds. 60,000.
    public var leeway: Int
    /// Fetches a new token for the one given; nil leaves it at that. What it throws is reported as an `error` event, and it is asked again
    /// after half of the time that is left.
    public var fetch: @Sendable (AGClientAuthToken) async throws -> String?

    /// A renewal.
    ///
    /// The new token is presented with `#authenticate`, and stored, as ``AGClientSocket/authenticate(_:)`` does. Nothing is asked for while
    /// the client is not connected.
    public init(
        leeway: Int = 60_000,
        fetch: @escaping @Sendable (AGClientAuthToken) async throws -> String?
    ) {
        self.leeway = leeway
        self.fetch = fetch
    }
}
