public import EventLoop

/// Opens WebSockets: looks the host up, connects to the first of its addresses that answers (RFC 8305), asks a proxy, establishes
/// TLS and makes the opening handshake, all within one deadline.
public enum Dialer {
    /// Begins to open a WebSocket. Loop-confined.
    ///
    /// Exactly one thing comes of it, on the loop and not from within this call: the WebSocket is made and then
    /// ``ClientWebSocket/opened()``, or `failed` is called, or it is cancelled and neither happens.
    /// - Parameters:
    ///   - endpoint: Where the WebSocket is.
    ///   - options: How to get there.
    ///   - loop: The loop that the WebSocket will live on.
    ///   - makeWebSocket: Makes the WebSocket, once the server has accepted it.
    ///   - failed: Told why there is none.
    /// - Returns: What can be cancelled.
    public static func dial(
        _ endpoint: ClientEndpoint,
        options: DialOptions = .init(),
        on loop: EventLoop,
        makeWebSocket: @escaping (EventLoop) -> ClientWebSocket,
        failed: @escaping (DialError) -> Void
    ) -> Dial {
        dial(endpoint, options, on: loop, resolver: .shared, makeWebSocket, failed)
    }

    static func dial(
        _ endpoint: ClientEndpoint,
        _ options: DialOptions,
        on loop: EventLoop,
        resolver: NameResolver,
        _ makeWebSocket: @escaping (EventLoop) -> ClientWebSocket,
        _ failed: @escaping (DialError) -> Void
    ) -> Dial {
        let dial = Dial(endpoint, options, loop, resolver, makeWebSocket, failed)
        dial.start()
        return dial
    }
}
