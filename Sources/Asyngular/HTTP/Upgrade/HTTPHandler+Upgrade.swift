import EventLoop
import SocketProtocol
import WebSocket

/// The way from HTTP to a WebSocket, in the order of contract §1.
extension HTTPHandler {
    /// Path, filter, origin, token.
    func accept(_ upgrade: UpgradeRequest, _ head: HTTPRequestHead) throws(HTTPError) {
        let settings = context.settings
        if let echo = settings.options.plainEchoPath, head.isPath(echo) {
            completeUpgrade(upgrade, EchoTransport(context: context))
            return
        }
        guard head.isPath(settings.options.path) else { throw WebSocketUpgrade.wrongPath }
        if settings.filters(.handshakeWS) {
            let verdict = settings.decide(AGAction(handshakeWS: head))
            if let error = verdict.visibleError(for: .handshakeWS) {
                if settings.options.middlewareEmitFailures, let local = verdict.localError {
                    context.server.emit(.warning, AGServerWarning(socket: nil, error: local))
                }
                throw HTTPError(status: 401, message: error.message.isEmpty ? "Unauthorized" : error.message)
            }
        }
        guard settings.origins.allows(upgrade.origin) else {
            let error = OriginPolicy.rejection(of: upgrade.origin)
            context.server.emit(.warning, AGServerWarning(socket: nil, error: .serverProtocol(error.message)))
            throw error
        }
        let token = try UpgradeToken.find(in: settings.options.authUpgradeTokens, head, upgrade)
        let transport = SocketTransport(context: context)
        let socket = AGServerSocket(context: context, transport: transport, request: head)
        transport.socket = socket
        if let token {
            verify(token, for: socket, upgrade)
        } else {
            completeUpgrade(upgrade, transport)
        }
    }

    /// Writes the 101 and hands the connection over, with whatever arrived behind the request.
    ///
    /// May be called later than ``accept(_:_:)``, which sets `state = .waiting` then: input is held meanwhile, a client that
    /// ends its side ends the connection, and the deadline of the head keeps running, beyond which the answer is 503.
    /// Does nothing once the connection is closing. ``refuse(_:)`` is the other way out.
    func completeUpgrade(_ upgrade: UpgradeRequest, _ transport: WebSocketTransport) {
        guard state != .closing, let connection, connection.isOpen else {
            (transport as? SocketTransport)?.socket = nil
            return
        }
        let subprotocol = UpgradeToken.subprotocol(upgrade.subprotocols, context.settings.options.authUpgradeTokens)
        if let subprotocol {
            connection.write(upgrade.response(subprotocol: subprotocol).rawBytes)
        } else {
            unsafe connection.withReservedOutput(UpgradeRequest.plainResponseLength) { output in
                unsafe upgrade.writePlainResponse(into: output, with: context.acceptHasher)
                return output.count
            }
        }
        state = .closing
        release()
        successor = transport
        connection.setHandler(transport)
        connection.resumeReading()
        (transport as? SocketTransport)?.begin()
        // What was held while the upgrade waited; in process() this does nothing, and the loop there goes on.
        resume()
    }
}
