import AsyngularSupport
import EventLoop
import TLS
import WebSocket

/// Takes a connection from its first byte to the open WebSocket: proxy, TLS, opening handshake.
final class DialHandler: ConnectionHandler {
    private enum Phase {
        case tunnel(HTTPTunnel)
        case tls
        case upgrade(ClientUpgradeResponse)
        case finished
    }

    /// The settings of `wss` where the options have none. Reads the system's authorities once.
    private static let defaultTLS: Result<TLSContext, TLSError> = Result { () throws(TLSError) in try TLSContext() }

    private let dial: Dial
    private let upgradeRequest: [UInt8]
    private let upgradeResponse: ClientUpgradeResponse
    private let tunnelRequest: [UInt8]?
    private let tls: TLSContext?
    private var phase = Phase.finished

    /// - Throws: ``DialError`` if something in the options cannot be sent.
    init(_ dial: Dial) throws(DialError) {
        let (endpoint, options) = (dial.endpoint, dial.options)
        try endpoint.validate()
        try options.proxy?.validate()
        let upgrade = ClientUpgrade(
            host: endpoint.hostField,
            target: endpoint.target,
            origin: options.origin,
            subprotocols: options.subprotocols,
            extensions: options.extensions,
            headers: options.headers
        )
        let key = ClientUpgrade.key(from: SecureRandom.bytes(16))
        do throws(HTTPHeaderError) {
            upgradeRequest = try upgrade.request(key: key)
            let proxy = endpoint.socketPath == nil ? options.proxy : nil
            tunnelRequest =
                if let proxy {
                    try HTTPTunnel.request(
                        authority: endpoint.authority,
                        credentials: proxy.credentials,
                        headers: proxy.headers
                    )
                } else {
                    nil
                }
        } catch {
            throw DialError(.invalidOptions, error.description)
        }
        upgradeResponse = ClientUpgradeResponse(to: upgrade, key: key, limits: options.responseLimits)
        tls = endpoint.isSecure ? try Self.context(options) : nil
        self.dial = dial
    }

    private static func context(_ options: DialOptions) throws(DialError) -> TLSContext {
        if let context = options.tls { return context }
        do throws(TLSError) {
            return try defaultTLS.get()
        } catch {
            throw DialError(.tlsFailed, error.description, tls: error)
        }
    }

    override func connected() {
        if let keepAlive = dial.options.keepAlive {
            connection?.setKeepAlive(
                idleSeconds: keepAlive.idleSeconds,
                intervalSeconds: keepAlive.intervalSeconds,
                probes: keepAlive.probes
            )
        }
        guard let tunnelRequest else { return beginTLS() }
        phase = .tunnel(HTTPTunnel(limits: dial.options.responseLimits))
        connection?.write(tunnelRequest.rawBytes)
    }

    private func beginTLS() {
        guard let tls else { return beginUpgrade() }
        phase = .tls
        let filter = TLSFilter(
            context: tls,
            serverName: dial.endpoint.serverName,
            handshakeTimeoutMilliseconds: dial.options.timeoutMilliseconds
        ) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success: beginUpgrade()
            case .failure(let error): fail(DialError(.tlsFailed, "\(dial.endpoint): \(error)", tls: error))
            }
        }
        connection?.attach(filter)
    }

    private func beginUpgrade() {
        guard dial.isPending else { return }
        phase = .upgrade(upgradeResponse)
        let request = upgradeRequest
        connection?.write(request.rawBytes)
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        switch phase {
        case .tunnel(var tunnel):
            let isOpen: Bool
            do throws(HTTPTunnel.Failure) {
                isOpen = try unsafe bytes.withUnsafeBytes { (bytes) throws(HTTPTunnel.Failure) in
                    try unsafe tunnel.receive(RawSpan(_unsafeBytes: bytes))
                }
            } catch {
                return fail(Self.error(error))
            }
            phase = .tunnel(tunnel)
            if isOpen { beginTLS() }
        case .upgrade(var response):
            var position = 0
            let accepted: ClientUpgradeResponse.Accepted?
            do throws(ClientUpgradeError) {
                accepted = try unsafe bytes.withUnsafeBytes { (bytes) throws(ClientUpgradeError) in
                    try unsafe response.receive(RawSpan(_unsafeBytes: bytes), at: &position)
                }
            } catch {
                return fail(Self.error(error))
            }
            phase = .upgrade(response)
            if let accepted { open(accepted, &bytes, from: position) }
        case .tls, .finished: break
        }
    }

    /// Gives the connection, and what came behind the response, to the WebSocket.
    private func open(_ accepted: ClientUpgradeResponse.Accepted, _ bytes: inout MutableRawSpan, from position: Int) {
        phase = .finished
        guard let connection, let webSocket = dial.accepted(accepted, by: connection) else { return }
        guard position < bytes.byteCount else { return }
        unsafe bytes.withUnsafeMutableBytes { bytes in
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[position...])
            var span = unsafe MutableRawSpan(_unsafeBytes: rest)
            webSocket.receive(&span)
        }
    }

    override func receivedEnd() {
        connection?.close()
        lose("The server ended the connection")
    }

    override func closed(_ reason: ConnectionCloseReason) {
        switch reason {
        case .error(let error): lose("The connection failed: \(error)", error)
        case .reset: lose("The connection was reset")
        case .aborted: fail(DialError(.shutDown, "The event loop was shut down"))
        default: lose("The connection was closed")
        }
    }

    private func lose(_ text: String, _ error: EventLoopError? = nil) {
        fail(DialError(.connectionLost, "\(text) before \(dial.endpoint) was open", transport: error))
    }

    private func fail(_ error: DialError) {
        phase = .finished
        dial.fail(error)
    }

    private static func error(_ failure: HTTPTunnel.Failure) -> DialError {
        switch failure {
        case .refused(status: 407, _):
            DialError(.proxyAuthenticationRequired, "The proxy asks for other credentials", status: 407)
        case .refused(let status, let reason):
            DialError(.proxyRefused, "The proxy answered \(status) \(reason)", status: status)
        case .invalidResponse(let error): DialError(.proxyRefused, "The proxy: \(error)")
        case .tooManyInterimResponses: DialError(.proxyRefused, "The proxy sent too many interim responses")
        case .unexpectedData: DialError(.proxyRefused, "The proxy sent data before it was asked for any")
        }
    }

    private static func error(_ failure: ClientUpgradeError) -> DialError {
        guard case .refused(let status, _) = failure else { return DialError(.invalidResponse, failure.description) }
        return DialError(.refused, failure.description, status: status)
    }
}
