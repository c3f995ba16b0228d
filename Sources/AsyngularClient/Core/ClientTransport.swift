import EventLoop

/// A WebSocket, or the attempt to open one, as a client's core sees it. Confined to the core's loop.
protocol ClientTransport: AnyObject {
    /// Sends a text message.
    func send(text: RawSpan)

    /// Closes the WebSocket, or gives the attempt up. The core is told nothing any more.
    func close(code: UInt16, reason: String)
}

/// Opens WebSockets for a client. Tells the core `transportOpened`, then what comes, then `transportEnded`; or `transportEnded` alone; none of it
/// from within `open`.
protocol ClientConnector: Sendable {
    func open(_ attempt: UInt32, for core: ClientCore) -> any ClientTransport
}
