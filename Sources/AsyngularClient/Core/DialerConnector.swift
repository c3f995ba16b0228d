import AsyngularSupport
import EventLoop
import WebSocket

/// Opens WebSockets by a ``Dialer``.
struct DialerConnector: ClientConnector {
    func open(_ attempt: UInt32, for core: ClientCore) -> any ClientTransport {
        DialledTransport(attempt, core)
    }
}

/// An attempt to open a WebSocket; replaced by the WebSocket when there is one.
private final class DialledTransport: ClientTransport {
    private var dial: Dial?

    init(_ attempt: UInt32, _ core: ClientCore) {
        let options = core.machine.options
        var dialOptions = options.transport
        // The machine's own deadline is the one that counts.
        dialOptions.timeoutMilliseconds = UInt64(options.connectTimeout) + 1000
        dial = Dialer.dial(
            options.endpoint(now: WallClock.milliseconds()),
            options: dialOptions,
            on: core.loop,
            makeWebSocket: { [unowned core] _ in
                CoreWebSocket(attempt, core, WebSocketParser.Limits(maximumMessageSize: options.maxPayload))
            },
            failed: { [unowned core] error in
                core.transportEnded(attempt, code: 1006, reason: error.reason)
            }
        )
    }

    func send(text: RawSpan) {}

    func close(code: UInt16, reason: String) {
        dial?.cancel()
        dial = nil
    }
}

/// A client's WebSocket. It lives with its connection, also while it is closing, which the core has no part in any more.
private final class CoreWebSocket: ClientWebSocket, ClientTransport {
    private let attempt: UInt32
    private var core: ClientCore?

    init(_ attempt: UInt32, _ core: ClientCore, _ limits: WebSocketParser.Limits) {
        self.attempt = attempt
        self.core = core
        super.init(loop: core.loop, limits: limits)
    }

    override func opened() {
        core?.transportOpened(attempt, self)
    }

    override func inputAvailable() {
        while let core, let message = nextMessage() {
            let isBinary = message.kind == .binary
            withBytes(of: message) { core.received(attempt, $0, isBinary: isBinary) }
        }
    }

    override func ended(code: UInt16, reason: String) {
        let told = core
        core = nil
        told?.transportEnded(attempt, code: code, reason: reason)
    }

    func send(text: RawSpan) {
        send(.text, text)
    }

    func close(code: UInt16, reason: String) {
        core = nil
        close(code: Optional(code), reason: reason)
    }
}
