import EventLoop
import JSONWebToken
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
        case .notText(let json): finishAuthenticate(cid: cid, signedToken: json, result: .failure(.notText))
        case .token(let token): verify(token, for: .authenticate, cid: cid)
        }
    }

    func finishAuthenticate(cid: [UInt8], signedToken: String?, result: Result<VerifiedToken, AuthFailure>) {
        let old = (state: authState, token: authToken)
        var authError: AGError?
        switch result {
        case .success(let verified):
            authError = adopt(AGAuthToken(verified), signedToken: signedToken ?? "", replacing: old)
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
    func adopt(_ token: AGAuthToken, signedToken: String, replacing old: Identity? = nil) -> AGError? {
        authState = .authenticated
        authToken = token
        signedAuthToken = signedToken
        guard settings.filters(.authenticate) else { return nil }
        var action = AGAction(.authenticate, request: request, socket: self)
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
        signedToken: String?,
        wasAuthenticated old: Identity?
    ) {
        clearIdentity()
        let isBad = error.isBadToken == true
        if let signedToken {
            if settings.options.middlewareEmitFailures || local == nil { emitError(local ?? error) }
            if isBad {
                emit(
                    .badAuthToken,
                    AGBadAuthToken(authError: error, signedAuthToken: signedToken),
                    as: .badSocketAuthToken
                )
            }
        }
        let hadIdentity = old?.state == .authenticated
        if hadIdentity { announceStateChange(from: .authenticated) }
        if isBad || hadIdentity { emit(.deauthenticate, old?.token, as: .deauthentication) }
        if isBad { sendEvent(PacketWriter.removeAuthToken()) }
    }

    func clearIdentity() {
        tokenTicket &+= 1
        authState = .unauthenticated
        authToken = nil
        signedAuthToken = nil
    }

    func announceAuthentication(from old: AGAuthState) {
        guard let authToken else { return }
        if old == .unauthenticated { announceStateChange(from: old) }
        emit(.authenticate, authToken, as: .authentication)
    }

    private func announceStateChange(from old: AGAuthState) {
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
        if old.state == .authenticated { announceStateChange(from: .authenticated) }
        emit(.deauthenticate, old.token, as: .deauthentication)
    }

    /// Takes an expired identity away (contract §9.5).
    ///
    /// - Returns: what a filter is told about it; nil if nothing expired.
    @discardableResult
    func expireAuthToken() -> AGError? {
        guard authExpiry < .infinity else { return nil }
        return expireAuthToken(at: context.wallClock())
    }

    /// - Parameter now: milliseconds since 1970.
    func expireAuthToken(at now: Int64) -> AGError? {
        // Strictly later than `exp`, whereas verification refuses the very second (contract §9.5).
        guard Double(now) > authExpiry, let expiry = authToken?.expiresAt else { return nil }
        deauthenticateSelf()
        sendEvent(PacketWriter.removeAuthToken())
        return .socketAuthTokenExpired(expiry: expiry)
    }

    // MARK: The server's own actions (contract §9.4, §9.5)

    /// Signs a token for this client, makes it the socket's identity and sends it to the client, which stores it.
    ///
    /// Does not wait for the client. In a handler the answer to the request goes out before the token, as upstream's does.
    ///
    /// - Parameters:
    ///   - payload: the claims. `iat` and `exp` are added; a payload with its own `exp` keeps it.
    ///   - options: how to sign. Without `expiresIn` the token lasts ``AGServerOptions/authDefaultExpiry``. An `algorithm`
    ///     other than the server's is ignored and reported as an `InvalidArgumentsError`.
    /// - Throws: `InvalidActionError` before the handshake; an error without a name and with `SigningError`'s text when the
    ///   claims cannot be signed, in which case the socket closes with 4002.
    public func setAuthToken(_ payload: JSONObject, options: SigningOptions = SigningOptions()) throws(AGError) {
        let signed = try sign(payload, options: options)
        if state == .open {
            sendEvent(PacketWriter.setAuthToken(signed))
        } else {
            emitError(.transmitAborted(event: ReservedEvent.setAuthToken.rawValue))
        }
    }

    /// Like ``setAuthToken(_:options:)``, and waits until the client has confirmed that it has the token.
    ///
    /// - Throws: also `AuthError` if the client does not confirm in time or reports a failure. The socket stays
    ///   authenticated then.
    public func setAuthToken(
        _ payload: JSONObject,
        options: SigningOptions = SigningOptions(),
        rejectOnFailedDelivery: Bool
    ) async throws(AGError) {
        guard rejectOnFailedDelivery else { return try setAuthToken(payload, options: options) }
        let signed = try sign(payload, options: options)
        do throws(AGError) {
            let data = JSONText(["token": .string(signed)])
            _ = try await call(ReservedEvent.setAuthToken.rawValue, data, timeout: nil)
        } catch {
            let failure: AGError =
                error.primitive == nil ? .authTokenDelivery(reason: error.message) : .authTokenDeliveryUnconfirmed
            emitError(failure)
            throw failure
        }
    }

    private func sign(_ payload: JSONObject, options: SigningOptions) throws(AGError) -> String {
        guard state != .connecting else {
            let error = AGError.setAuthTokenBeforeHandshake
            emitError(error)
            throw error
        }
        if let algorithm = options.algorithm, algorithm != settings.options.authAlgorithm ?? .HS256 {
            emitError(.algorithmChange)
        }
        let old = authState
        let signed: String
        let token: AGAuthToken
        do throws(SigningError) {
            (signed, token) = try context.sign(payload, options: options)
        } catch {
            let failure = AGError(message: error.message)
            emitError(failure)
            close(.authTokenSigningFailed, reason: "", localReason: error.message)
            throw failure
        }
        tokenTicket &+= 1
        authState = .authenticated
        authToken = token
        signedAuthToken = signed
        emit(.authTokenSigned, signed)
        announceAuthentication(from: old)
        return signed
    }

    /// Takes the client's identity away and tells it to forget its token. Its subscriptions stay (contract §9.5).
    public func deauthenticate() {
        deauthenticateSelf()
        if state == .open {
            sendEvent(PacketWriter.removeAuthToken())
        } else {
            emitError(.transmitAborted(event: ReservedEvent.removeAuthToken.rawValue))
        }
    }

    /// Like ``deauthenticate()``, and waits until the client has confirmed that it has forgotten its token.
    ///
    /// - Throws: `TimeoutError` or `BadConnectionError` if it does not; the socket is unauthenticated all the same.
    public func deauthenticate(rejectOnFailedDelivery: Bool) async throws(AGError) {
        guard rejectOnFailedDelivery else { return deauthenticate() }
        deauthenticateSelf()
        do throws(AGError) {
            _ = try await call(ReservedEvent.removeAuthToken.rawValue, nil, timeout: nil)
        } catch {
            emitError(error)
            throw error
        }
    }
}
