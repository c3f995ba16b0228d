import EventLoop
import JSONWebToken
import Logging
import SocketProtocol
import StrictJSON
import WebSocket

extension AGServerSocket {
    // MARK: #authenticate (contract §9.3)

    func handleAuthenticate(_ packet: Packet, of bytes: RawSpan) {
        guard packet.kind == .invoke else {
            emitError(.authenticateMalformatted)
            close(forProtocol: .handshakeRejected)
            return
        }
        let cid = Bytes.array(bytes.extracting(packet.cid))
        switch PresentedToken(authenticateData: packet.data, of: bytes) {
        case .none: finishAuthenticate(cid: cid, signedToken: nil, result: .failure(.missing))
        case .notText(let json):
            finishAuthenticate(cid: cid, signedToken: Array(json.utf8), result: .failure(.notText))
        case .token(let token): verify(token, for: .authenticate, cid: cid)
        }
    }

    func finishAuthenticate(cid: [UInt8], signedToken: [UInt8]?, result: Result<AGAuthToken, AuthFailure>) {
        let old = (state: authState, token: authToken)
        var authError: AGError?
        switch result {
        case .success(let verified):
            authError = adopt(verified, signedToken: signedToken ?? [], replacing: old)
        case .failure(let failure):
            authError = failure.error
            refuse(failure.error, signedToken: signedToken, wasAuthenticated: old)
        }
        guard state != .closed else { return }
        if let authError, authError.isBadToken == true {
            transport.sendErrorResponse(cid: cid.rawBytes, error: authError)
            return
        }
        let reply = PacketWriter.authenticateResponse(
            rid: cid.rawBytes,
            isAuthenticated: authError == nil,
            authError: authError
        )
        transport.send(.text, reply.rawBytes)
        if authError == nil { announceAuthentication(from: old.state) }
    }

    // MARK: Taking and losing an identity

    typealias Identity = (state: AGAuthState, token: AGAuthToken?)

    /// Makes a verified token the socket's identity unless the filter blocks it.
    ///
    /// - Parameter old: the identity before, on an open socket; nil in the handshake.
    /// - Returns: what the peer is told if it was blocked (contract §9.2, §9.3).
    func adopt(_ token: AGAuthToken, signedToken: [UInt8], replacing old: Identity? = nil) -> AGError? {
        authState = .authenticated
        authToken = token
        guard settings.filters(.authenticate) else { return nil }
        var action = AGAction(.authenticate, socket: self)
        action.authToken = token
        let verdict = settings.decide(action)
        // The filter may have closed the socket itself.
        guard state != .closed else {
            clearIdentity()
            return nil
        }
        guard let error = verdict.visibleError(for: .authenticate) else { return nil }
        clearIdentity()
        refuse(error, reporting: verdict.localError, signedToken: signedToken, wasAuthenticated: old)
        return error
    }

    /// The events and the `#removeAuthToken` that follow a refused token: first what was wrong with it (contract §9.3), then
    /// what that cost an authenticated socket (contract §9.5), which upstream tells badly or not at all (contract §20.8).
    ///
    /// - Parameter signedToken: the token as presented; nil if there was none, which is no error to report.
    func refuse(
        _ error: AGError,
        reporting local: AGError? = nil,
        signedToken: [UInt8]?,
        wasAuthenticated old: Identity?
    ) {
        clearIdentity()
        let isBad = error.isBadToken == true
        log(.debug, "A token was not accepted", ["bad": "\(isBad)"])
        if let signedToken {
            if settings.options.middlewareEmitFailures || local == nil { emitError(local ?? error) }
            if isBad {
                emit(
                    .badAuthToken,
                    AGBadAuthToken(authError: error, signedAuthToken: String(decoding: signedToken, as: UTF8.self)),
                    as: .badSocketAuthToken
                )
            }
        }
        let hadIdentity = old?.state == .authenticated
        if hadIdentity { announceStateChange(from: .authenticated) }
        if isBad || hadIdentity { emit(.deauthenticate, old?.token, as: .deauthentication) }
        if hadIdentity { leaveChannelsIfAsked() }
        if isBad { sendEvent(PacketWriter.removeAuthToken()) }
    }

    func clearIdentity() {
        tokenTicket &+= 1
        authState = .unauthenticated
        authToken = nil
    }

    func announceAuthentication(from old: AGAuthState) {
        guard let authToken else { return }
        if old == .unauthenticated { announceStateChange(from: old) }
        if isHeard { emit(.authenticate, authToken, as: .authentication) }
    }

    private func announceStateChange(from old: AGAuthState) {
        context.server.metrics.stateChanged(to: authState)
        log(.debug, "The authentication state changed", ["from": "\(old)", "to": "\(authState)"])
        guard isHeard else { return }
        emit(
            .authStateChange,
            AGAuthStateChange(oldAuthState: old, newAuthState: authState, authToken: authToken),
            as: .authenticationStateChange
        )
    }

    /// The peer gave its identity up; nothing is echoed (contract §9.5).
    func deauthenticateSelf() {
        let old = (state: authState, token: authToken)
        clearIdentity()
        let hadIdentity = old.state == .authenticated
        if hadIdentity { announceStateChange(from: .authenticated) }
        emit(.deauthenticate, old.token, as: .deauthentication)
        if hadIdentity { leaveChannelsIfAsked() }
    }

    /// Upstream's subscriptions survive the loss of an identity (contract §9.5, §20.10).
    private func leaveChannelsIfAsked() {
        guard settings.options.kickOutOnDeauthentication, state == .open else { return }
        try? kickOut(message: "The socket is no longer authenticated")
    }
}
