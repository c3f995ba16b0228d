import JSONWebToken
import SocketProtocol
import StrictJSON

extension AGServerSocket {
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
    ///   claims cannot be signed, in which case the socket closes with 4002. With an ``AuthEngine`` signing takes its time:
    ///   what it throws closes the socket and is reported as its `error`.
    public func setAuthToken(_ payload: JSONObject, options: SigningOptions = SigningOptions()) throws(AGError) {
        guard let engine = settings.options.authEngine else {
            return deliver(try sign(payload, options: options))
        }
        let request = try beginSigning(payload, options)
        Task {
            // A failure has been reported and has closed the socket.
            if let signed = try? await sign(request, with: engine) { deliver(signed) }
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
        let signed: String
        if let engine = settings.options.authEngine {
            guard let own = try await sign(try beginSigning(payload, options), with: engine) else { return }
            signed = own
        } else {
            signed = try sign(payload, options: options)
        }
        guard rejectOnFailedDelivery else { return deliver(signed) }
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

    // MARK: Signing

    private func sign(_ payload: JSONObject, options: SigningOptions) throws(AGError) -> String {
        try prepareToSign(options)
        let old = authState
        let signed: String
        let token: AGAuthToken
        do throws(SigningError) {
            (signed, token) = try context.sign(payload, options: options)
        } catch {
            throw signingFailed(AGError(message: error.message))
        }
        tokenTicket &+= 1
        authState = .authenticated
        authToken = token.signed(as: Array(signed.utf8))
        emit(.authTokenSigned, signed)
        announceAuthentication(from: old)
        return signed
    }

    /// Signs with a custom engine.
    ///
    /// - Returns: the token; nil if it was overtaken by another token or by the loss of the identity meanwhile.
    private func sign(_ request: SigningRequest, with engine: any AuthEngine) async throws(AGError) -> String? {
        let keys = context.server.keys.current
        let signed: String
        do {
            signed = try await engine.signToken(
                request.payload,
                keys.signature,
                options: settings.signingOptions(request.options, for: request.payload, keys: keys)
            )
        } catch {
            throw signingFailed(AGError(reporting: error))
        }
        guard state != .closed, tokenTicket == request.ticket else { return nil }
        authToken = (AGAuthToken(reading: signed) ?? authToken)?.signed(as: Array(signed.utf8))
        emit(.authTokenSigned, signed)
        announceAuthentication(from: request.oldState)
        return signed
    }

    /// A token that a custom engine is signing.
    private struct SigningRequest {
        let payload: JSONObject
        let options: SigningOptions
        let oldState: AGAuthState
        let ticket: UInt32
    }

    /// The identity counts from the call on, the signature follows (contract §9.4).
    private func beginSigning(_ payload: JSONObject, _ options: SigningOptions) throws(AGError) -> SigningRequest {
        try prepareToSign(options)
        tokenTicket &+= 1
        let request = SigningRequest(payload: payload, options: options, oldState: authState, ticket: tokenTicket)
        authState = .authenticated
        authToken = AGAuthToken(claims: payload)
        return request
    }

    private func prepareToSign(_ options: SigningOptions) throws(AGError) {
        guard state != .connecting else {
            let error = AGError.setAuthTokenBeforeHandshake
            emitError(error)
            throw error
        }
        if let algorithm = options.algorithm,
            algorithm != context.server.keys.current.signatureAlgorithm(settings.options.authAlgorithm)
        {
            emitError(.algorithmChange)
        }
    }

    private func signingFailed(_ error: AGError) -> AGError {
        emitError(error)
        close(.authTokenSigningFailed, reason: "", localReason: error.message)
        return error
    }

    private func deliver(_ signed: String) {
        if state == .open {
            sendToken(PacketWriter.setAuthToken(signed))
        } else {
            emitError(.transmitAborted(event: ReservedEvent.setAuthToken.rawValue))
        }
    }

    // MARK: Giving an identity up

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
