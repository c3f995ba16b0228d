import EventLoop
import SocketProtocol

extension LoopContext {
    /// Sockets that lose their token in one turn; more follow in the next ones, so that the loop's others go on.
    private static let revocationSlice = 256

    /// Applies a revocation to the sockets of this loop.
    func revoke(_ revocation: AGRevocation) {
        verification.emptyCache()
        let concerned = (openSockets.values + pendingSockets.values).filter { socket in
            socket.assumeIsolated { $0.isConcerned(by: revocation) }
        }
        revoke(concerned[...], revocation)
    }

    private func revoke(_ sockets: ArraySlice<AGServerSocket>, _ revocation: AGRevocation) {
        for socket in sockets.prefix(Self.revocationSlice) {
            socket.assumeIsolated { $0.tokenRevoked(revocation) }
        }
        let rest = sockets.dropFirst(Self.revocationSlice)
        if !rest.isEmpty { loop.executeAfterPoll { self.revoke(rest, revocation) } }
    }
}

extension AGServerSocket {
    func isConcerned(by revocation: AGRevocation) -> Bool {
        guard let authToken else { return false }
        return revocation.concerns(authToken)
    }

    func tokenRevoked(_ revocation: AGRevocation) {
        // The token may have been replaced since it was found.
        guard state != .closed, isConcerned(by: revocation) else { return }
        deauthenticate()
        if case .disconnect(let code) = settings.options.authRevocationAction {
            disconnect(CloseCode(rawValue: code))
        }
    }
}
