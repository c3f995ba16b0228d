import StrictJSON

/// How a channel is subscribed to (contract §7).
public struct AGSubscribeOptions: Sendable, Hashable {
    /// Whether to wait until the client is authenticated. Off.
    public var waitForAuth: Bool
    /// Channels with a higher priority are subscribed to earlier after a connection was lost; never sent. 0.
    public var priority: Double
    /// For the server's middleware. Not sent if JavaScript takes it for false: `null`, `false`, 0 and the empty string. None.
    public var data: JSONValue?

    /// Options.
    public init(waitForAuth: Bool = false, priority: Double = 0, data: JSONValue? = nil) {
        self.waitForAuth = waitForAuth
        self.priority = priority
        self.data = data
    }
}
