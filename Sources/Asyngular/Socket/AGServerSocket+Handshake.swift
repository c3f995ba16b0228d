import EventLoop
import JSONWebToken
import Logging
import SocketProtocol
import StrictJSON
import WebSocket

extension AGServerSocket {
    // MARK: #handshake (contract §4)

    func handleHandshake(_ packet: Packet, of bytes: RawSpan) {
        guard state == .connecting, verifying == nil else {
            // Contract §20.2: a second handshake must not disturb the socket.
            let error = AGError.invalidAction("Handshake was already completed")
            emitError(error)
            respond(to: packet, of: bytes, error: error)
            return
        }
        guard packet.kind == .invoke else {
            emitError(.handshakeMalformatted)
            close(forProtocol: .handshakeRejected)
            return
        }
        awaitsHandshake = false
        let cid = bytes.extracting(packet.cid)
        // A token in the handshake counts more than the upgrade's.
        defer { upgradeIdentity = nil }
        switch PresentedToken(handshakeData: packet.data, of: bytes) {
        case .none:
            let identity = takeUpgradeIdentity()
            finishHandshake(cid: cid, signedToken: identity?.signedToken, result: identity?.result)
        case .notText(let json):
            finishHandshake(cid: cid, signedToken: Array(json.utf8), result: .failure(.notText))
        case .token(let token): verify(token, for: .handshake, cid: Bytes.array(cid))
        }
    }

    func finishHandshake(cid: RawSpan, signedToken: [UInt8]?, result: Result<AGAuthToken, AuthFailure>?) {
        var presented: AGAuthToken?
        var authError: AGError?
        switch result {
        case .success(let verified): presented = verified
        case .failure(let failure): authError = failure.error
        case nil: break
        }
        if settings.filters(.handshakeSC) {
            var action = AGAction(.handshakeSC, socket: self)
            action.authToken = presented
            action.authTokenError = authError
            let verdict = settings.decide(action)
            // A filter runs on the loop and may have closed the socket.
            guard state == .connecting else { return }
            if let error = verdict.visibleError(for: .handshakeSC) {
                if settings.options.middlewareEmitFailures, let local = verdict.localError {
                    context.server.emit(.warning, AGServerWarning(socket: self, error: local))
                }
                rejectHandshake(cid: cid, error)
                return
            }
        }
        if let presented, let signedToken {
            authError = adopt(presented, signedToken: signedToken)
        } else if let authError {
            refuse(authError, signedToken: signedToken, wasAuthenticated: nil)
        }
        guard state == .connecting else { return }
        open(cid: cid, authError: authError)
    }

    private func open(cid: RawSpan, authError: AGError?) {
        state = .open
        context.opened(self)
        let isAuthenticated = authState == .authenticated
        context.server.metrics.handshake(
            isAuthenticated ? .authenticated : authError == nil ? .anonymous : .tokenRefused
        )
        log(.debug, "The handshake was accepted", ["authState": "\(authState)"])
        if let authError {
            let reply = PacketWriter.handshakeResponse(
                rid: cid,
                id: id,
                pingTimeout: settings.options.pingTimeout,
                isAuthenticated: isAuthenticated,
                authError: authError
            )
            transport.send(.text, reply.rawBytes)
        } else {
            transport.sendHandshakeResponse(
                cid: cid,
                id: socketID,
                pingTimeout: settings.options.pingTimeout,
                isAuthenticated: isAuthenticated
            )
        }
        let isConnectHeard =
            hub?.isListening(to: AGSocketEventID.connect.rawValue) == true
            || context.server.hub.isListening(to: AGServerEventID.connection.rawValue)
        if isConnectHeard || settings.trace != nil {
            let status = AGConnectStatus(
                id: id,
                pingTimeout: settings.options.pingTimeout,
                isAuthenticated: isAuthenticated,
                authError: authError
            )
            emit(.connect, status, as: .connection)
        }
        for handler in context.connectionHandlers where state == .open { handler(self) }
        if isAuthenticated, state == .open { announceAuthentication(from: .unauthenticated) }
    }

    /// The error goes out with the close code in it, and the socket closes with that code (contract §4).
    private func rejectHandshake(cid: RawSpan, _ error: AGError) {
        handshakeOutcome = .rejected
        log(.debug, "The handshake was rejected by a filter")
        var error = error
        var code = CloseCode.handshakeRejected
        if error.primitive != nil {
            // Contract §11: a bare string is sent as it is, and the close is a normal one.
            code = .normal
        } else if let own = error.statusCode {
            code = CloseCode(rawValue: own)
        } else {
            error.properties["statusCode"] = .integer(Int64(code.rawValue))
        }
        transport.sendErrorResponse(cid: cid, error: error)
        close(forProtocol: code)
    }
}
