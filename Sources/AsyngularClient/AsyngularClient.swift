public import EventLoop
public import SocketProtocol

/// Makes clients (upstream's `asyngularClient.create`).
public enum AsyngularClient {
    /// A client, which connects at once unless ``AGClientOptions/autoConnect`` is off.
    ///
    /// - Parameters:
    ///   - options: where to, and how.
    ///   - loop: the event loop it will live on, which has to outlive it; nil, the default, for one that all such clients of the process
    ///     share. Many clients are best spread over the loops of an `EventLoopGroup`: `group.next()`.
    /// - Throws: `InvalidOptionsError` naming the first option that makes no sense; `ResourceLimitError` if the system has no thread left for the
    ///   process's loop.
    public static func create(_ options: AGClientOptions, on loop: EventLoop? = nil) throws(AGError) -> AGClientSocket {
        try options.validate()
        let chosen = if let loop { loop } else { try SharedLoop.get() }
        return create(options, on: chosen, connector: DialerConnector())
    }

    static func create(
        _ options: AGClientOptions,
        on loop: EventLoop,
        connector: any ClientConnector,
        trace: (@Sendable (ClientEvent) -> Void)? = nil
    ) -> AGClientSocket {
        let core = ClientCore(options: options, loop: loop, connector: connector, trace: trace)
        if options.autoConnect {
            loop.execute { core.perform { $0.connect(&$1) } }
        }
        return AGClientSocket(core: core)
    }
}
