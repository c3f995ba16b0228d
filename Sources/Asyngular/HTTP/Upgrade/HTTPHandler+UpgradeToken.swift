import SocketProtocol
import WebSocket

/// A token that comes with the upgrade is judged before the upgrade is answered.
extension HTTPHandler {
    /// Has the token judged, holding input meanwhile.
    ///
    /// - Parameter socket: the one that the upgrade would open.
    func verify(_ token: UpgradeToken, for socket: AGServerSocket, _ upgrade: UpgradeRequest) {
        upgrading = socket
        state = .waiting
        let network = connection?.remoteNetwork() ?? 0
        socket.assumeIsolated { socket in
            socket.verifyAtUpgrade(token.text, network: network) { verdict in
                self.upgradeJudged(verdict, socket, upgrade)
            }
        }
    }

    private func upgradeJudged(_ verdict: UpgradeVerdict, _ socket: AGServerSocket, _ upgrade: UpgradeRequest) {
        guard state == .waiting, upgrading === socket else { return }
        switch verdict {
        case .accepted:
            upgrading = nil
            completeUpgrade(upgrade, socket.transport)
        case .refused(let error):
            abandonUpgrade()
            context.server.emit(.warning, AGServerWarning(socket: nil, error: error))
            refuse(UpgradeToken.refusal(status: 401, message: error.message))
        case .unavailable(let message):
            abandonUpgrade()
            refuse(UpgradeToken.refusal(status: 503, message: message))
        }
    }

    /// The connection goes before the verdict has come.
    func abandonUpgrade() {
        upgrading?.assumeIsolated { $0.abandonUpgrade() }
        upgrading = nil
    }
}

/// What becomes of an upgrade that carries a token.
enum UpgradeVerdict {
    /// The socket has an identity for its handshake.
    case accepted
    /// The token is not good.
    case refused(AGError)
    /// The token cannot be judged now.
    case unavailable(String)
}
