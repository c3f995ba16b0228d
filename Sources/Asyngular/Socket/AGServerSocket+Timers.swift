import EventLoop
import SocketProtocol
import WebSocket

/// The deadlines of a socket. All are entries of the loop's timer wheel.
enum SocketTimer: UInt32 {
    case ping = 16
    case pong = 17
    case handshake = 18
    case early = 19
    case auth = 20
    case verification = 21
    case heldTokens = 22

    /// Tags from here on are ack timeouts: this plus the call's cid.
    static let firstCall: UInt32 = 0x100
}

extension AGServerSocket {
    func schedule(_ timer: SocketTimer, after milliseconds: Int) -> TimerID {
        context.loop.schedule(transport, tag: timer.rawValue, afterMilliseconds: UInt64(milliseconds))
    }

    func timerFired(_ tag: UInt32) {
        guard state != .closed else { return }
        guard let timer = SocketTimer(rawValue: tag) else {
            if tag >= SocketTimer.firstCall { callTimedOut(tag - SocketTimer.firstCall) }
            return
        }
        switch timer {
        case .ping: sendPing()
        case .pong: checkPong()
        case .handshake:
            handshakeOutcome = .timedOut
            close(forProtocol: .handshakeTimeout)
        case .early: dropEarlyPackets()
        case .auth: authTimerFired()
        case .verification: verificationTimedOut()
        case .heldTokens: releaseTokens()
        }
    }

    /// Pings are bare text frames, never through a codec (contract §3).
    private func sendPing() {
        let text = Array(settings.options.protocolVersion.pingText.utf8)
        transport.send(.text, text.rawBytes)
        pingTimer = schedule(.ping, after: settings.options.pingInterval)
    }

    /// A pong only notes the time; the timer that finds one newer than itself waits for the rest.
    private func checkPong() {
        let now = context.loop.nowMilliseconds
        let deadline = lastPong + UInt64(settings.options.pingTimeout)
        if now >= deadline {
            close(forProtocol: .pongTimeout)
        } else {
            pongTimer = schedule(.pong, after: Int(deadline - now))
        }
    }

    func cancelTimers() {
        context.loop.cancel(pingTimer)
        context.loop.cancel(pongTimer)
        context.loop.cancel(handshakeTimer)
        context.loop.cancel(authTimer)
        dropEarlyPackets()
    }
}
