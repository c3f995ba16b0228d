import EventLoop
import JSONWebToken
import Logging
import SocketProtocol

/// A token that is being verified, and the packet that brought it.
struct PendingVerification {
    enum Purpose {
        case handshake
        case authenticate
        /// Told the verdict; the socket has not begun.
        case upgrade((UpgradeVerdict) -> Void)
    }

    let purpose: Purpose
    let ticket: UInt32
    let cid: [UInt8]
    let signedToken: [UInt8]
    /// What is waited for outside the server, and until when.
    var awaited: (task: Task<Void, Never>, deadline: TimerID)?
}

/// Tokens are judged at once, on the verification pool, or by somebody outside: a custom engine, or a key set to be fetched.
extension AGServerSocket {
    /// Verifies a token; the answer comes to ``tokenJudged(_:ticket:)``, perhaps before this returns.
    ///
    /// - Parameter network: the peer's, if this socket has no connection yet.
    func verify(
        _ token: [UInt8],
        for purpose: PendingVerification.Purpose,
        cid: [UInt8],
        network: UInt64? = nil
    ) {
        tokenTicket &+= 1
        // Nobody is asked about a token that is refused for its length: queues count tokens, not bytes.
        if settings.hasAuthEngine, let engine = settings.options.authEngine,
            token.count <= settings.policy.maximumTokenLength
        {
            verifying = PendingVerification(purpose: purpose, ticket: tokenTicket, cid: cid, signedToken: token)
            askEngine(engine)
        } else if let result = context.verification.judge(token, now: context.wallClock() / 1000) {
            conclude(purpose, cid, token, result)
        } else {
            verifying = PendingVerification(purpose: purpose, ticket: tokenTicket, cid: cid, signedToken: token)
            enqueue(token, for: purpose, network ?? transport.connection?.remoteNetwork() ?? 0)
        }
    }

    private func enqueue(_ token: [UInt8], for purpose: PendingVerification.Purpose, _ network: UInt64) {
        let lane: VerificationQueue<VerificationJob>.Lane =
            if case .authenticate = purpose { .established } else { .newcomer }
        let job = VerificationJob(token: token, socket: self, ticket: tokenTicket, lane: lane)
        guard context.verification.enqueue(job, network: network) else {
            return verificationRefused(ticket: tokenTicket)
        }
        // The peer's next message waits for this one (contract §2).
        transport.holdInput()
    }

    /// The built-in engine has judged a token.
    func tokenVerified(_ result: Result<VerifiedToken, TokenError>, ticket: UInt32) {
        guard let pending = verifying, pending.ticket == ticket else { return }
        conclude(pending.purpose, pending.cid, pending.signedToken, result)
    }

    /// Not given a ``PendingVerification``: a token that was judged at once is spared the making of one.
    private func conclude(
        _ purpose: PendingVerification.Purpose,
        _ cid: [UInt8],
        _ token: [UInt8],
        _ result: Result<VerifiedToken, TokenError>
    ) {
        switch result {
        case .success(let verified): conclude(purpose, cid, token, .success(AGAuthToken(verified, signedAs: token)))
        case .failure(.unknownKeyID) where context.server.keys.isRefreshable:
            verifying = PendingVerification(purpose: purpose, ticket: tokenTicket, cid: cid, signedToken: token)
            askForKeys()
        case .failure(let error): conclude(purpose, cid, token, .failure(.token(error)))
        }
    }

    /// The verification is done. The peer may have gone meanwhile (contract §20.3).
    func tokenJudged(_ result: Result<AGAuthToken, AuthFailure>, ticket: UInt32) {
        guard let pending = verifying, pending.ticket == ticket else { return }
        let token = pending.signedToken
        conclude(pending.purpose, pending.cid, token, result.map { $0.signed(as: token) })
    }

    private func conclude(
        _ purpose: PendingVerification.Purpose,
        _ cid: [UInt8],
        _ token: [UInt8],
        _ result: Result<AGAuthToken, AuthFailure>
    ) {
        endVerification()
        guard state != .closed else { return }
        if settings.hasAuthEngine { context.server.metrics.engineVerified(result) }
        var result = result
        if case .success(let found) = result, context.server.auth.revocations.contains(found) {
            result = .failure(.token(.revoked))
        }
        switch purpose {
        case .handshake: finishHandshake(cid: cid.rawBytes, signedToken: token, result: result)
        case .authenticate: finishAuthenticate(cid: cid, signedToken: token, result: result)
        case .upgrade(let done): upgradeJudged(result, signedToken: token, done)
        }
        resumeInput()
    }

    /// There was no room to wait: the client is told to come back later, and keeps its token.
    func verificationRefused(ticket: UInt32) {
        guard let pending = verifying, pending.ticket == ticket else { return }
        endVerification()
        let reason = "Too many tokens are waiting to be verified"
        log(.debug, "Too many tokens are waiting to be verified")
        if case .upgrade(let done) = pending.purpose {
            done(.unavailable(reason))
        } else {
            handshakeOutcome = .tryAgainLater
            close(forProtocol: .tryAgainLater, reason: reason)
        }
    }

    /// Nothing is waited for any more.
    func endVerification() {
        guard extras != nil else { return }
        if let awaited = verifying?.awaited {
            awaited.task.cancel()
            context.loop.cancel(awaited.deadline)
            context.awaitedVerifications -= 1
        }
        verifying = nil
    }

    // MARK: Those outside

    private func askEngine(_ engine: any AuthEngine) {
        guard let token = verifying.map({ String(decoding: $0.signedToken, as: UTF8.self) }) else { return }
        let keys = context.server.keys.verification
        let options = AuthVerificationOptions(socket: self, request: request, policy: settings.policy)
        awaitJudgement { () async -> Result<AGAuthToken, AuthFailure> in
            do {
                return .success(try await engine.verifyToken(token, keys, options: options))
            } catch {
                return .failure(AuthFailure(thrown: error))
            }
        }
    }

    /// The token names a key that is not known: its issuer may have a new one.
    private func askForKeys() {
        guard let token = verifying?.signedToken else { return }
        let server = context.server
        awaitJudgement { () async -> Result<AGAuthToken, AuthFailure> in
            switch await server.keys.refresh(forUnknownKeyOf: token) {
            case .unchanged: return .failure(.token(.unknownKeyID))
            case .unavailable: return .failure(.token(.unavailable))
            case .refreshed:
                do throws(TokenError) {
                    return .success(
                        try server.auth.verifyToken(String(decoding: token, as: UTF8.self), server.keys.verification)
                    )
                } catch {
                    return .failure(.token(error))
                }
            }
        }
    }

    /// Waits for a judgement, while the peer's next messages wait, until ``AGServerOptions/authEngineTimeout``.
    private func awaitJudgement(_ judge: @escaping @Sendable () async -> Result<AGAuthToken, AuthFailure>) {
        let ticket = tokenTicket
        guard context.awaitedVerifications < settings.options.authEngineLimit else {
            return verificationRefused(ticket: ticket)
        }
        transport.holdInput()
        context.awaitedVerifications += 1
        let task = Task.detached {
            let result = await judge()
            await self.tokenJudged(result, ticket: ticket)
        }
        verifying?.awaited = (task, schedule(.verification, after: settings.options.authEngineTimeout))
    }

    func verificationTimedOut() {
        guard let pending = verifying, pending.awaited != nil else { return }
        tokenJudged(.failure(.unavailable), ticket: pending.ticket)
    }
}
