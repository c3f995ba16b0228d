import JSONWebToken
import SocketProtocol

/// An identity from the upgrade request, which waits for the handshake.
struct UpgradeIdentity {
    let token: AGAuthToken
    let signedToken: [UInt8]
}

extension AGServerSocket {
    /// Judges the token of the upgrade request, before this socket has begun.
    func verifyAtUpgrade(_ token: String, network: UInt64, _ done: @escaping (UpgradeVerdict) -> Void) {
        verify(Array(token.utf8), for: .upgrade(done), cid: [], network: network)
    }

    func upgradeJudged(
        _ result: Result<AGAuthToken, AuthFailure>,
        signedToken: [UInt8],
        _ done: (UpgradeVerdict) -> Void
    ) {
        switch result {
        case .success(let token):
            upgradeIdentity = UpgradeIdentity(token: token, signedToken: signedToken)
            done(.accepted)
        case .failure(let failure):
            let error = failure.error
            let isUnknown = error.isBadToken == false && error.name == "AuthTokenError"
            done(isUnknown ? .unavailable(error.message) : .refused(error))
        }
    }

    /// The upgrade is refused, or its connection has gone: nobody has heard of this socket.
    func abandonUpgrade() {
        transport.socket = nil
        if verifying != nil { context.verification.socketEnded() }
        endVerification()
        state = .closed
    }

    /// The identity for a handshake that brings no token. It may have expired or been revoked since the upgrade.
    func takeUpgradeIdentity() -> (signedToken: [UInt8], result: Result<AGAuthToken, AuthFailure>)? {
        guard let identity = upgradeIdentity else { return nil }
        upgradeIdentity = nil
        let token = identity.token
        if context.server.auth.revocations.contains(token) {
            return (identity.signedToken, .failure(.token(.revoked)))
        }
        if let expiry = token.expiresAt, Double(context.wallClock() / 1000) >= expiry {
            return (identity.signedToken, .failure(.token(.expired(expiredAt: expiry))))
        }
        return (identity.signedToken, .success(token))
    }
}
