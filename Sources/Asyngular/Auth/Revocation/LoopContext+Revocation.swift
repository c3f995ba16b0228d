import EventLoop
import SocketProtocol

extension LoopContext {
    /// Sockets that lose their token in one turn; more follow in the next ones, so that the loop's others go on.
    private static let revocationSlice = 256

    /// Applies a revocation to the sockets of this loop.
    func revoke(_ revocation: AGRevocation) {
        verification.emptyCache()
        var concerned: [AGServerSocket] = []
        let collector = RevocationCollector(revocation)
        for socket in openSockets.values { socket.enter(collector.entry) }
        for socket in pendingSockets.values { socket.enter(collector.entry) }
        swap(&concerned, &collector.concerned)
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

/// Finds the sockets that a revocation concerns, without an allocation for those that it does not.
private final class RevocationCollector: @unchecked Sendable {
    /// Confined to the loop that the sockets live on.
    var concerned: [AGServerSocket] = []
    let revocation: AGRevocation
    private(set) var entry = AGServerSocket.EntryPoint { _ in }

    init(_ revocation: AGRevocation) {
        self.revocation = revocation
        entry = AGServerSocket.EntryPoint { [unowned self] socket in
            if socket.isConcerned(by: revocation) { concerned.append(socket) }
        }
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
