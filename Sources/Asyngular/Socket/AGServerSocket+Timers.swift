import EventLoop
import SocketProtocol
import WebSocket

/// The timers of a socket. All are entries of the loop's timer wheel.
enum SocketTimer: UInt32 {
    /// Ping, pong, handshake and the life of the token, of which an idle socket would keep an entry each.
    case clock = 16
    case early
    case verification
    case heldTokens

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
        case .clock: clockFired()
        case .early: dropEarlyPackets()
        case .verification: verificationTimedOut()
        case .heldTokens: releaseTokens()
        }
    }

    // MARK: The clock

    /// The longest that the timer runs towards a time of day, which may be set meanwhile. A day.
    private static let longestDelay: Double = 24 * 60 * 60 * 1000

    func startClock() {
        let now = context.loop.nowMilliseconds
        lastPongBits = UInt32(truncatingIfNeeded: now)
        // A copy of all the options would cost more than the rest.
        if !settings.options.pingTimeoutDisabled { pingDue = now + UInt64(settings.options.pingInterval) }
        handshakeDueBits = UInt32(truncatingIfNeeded: now + UInt64(settings.options.handshakeTimeout))
        awaitsHandshake = true
        setClock()
    }

    /// When the handshake must have come.
    private var handshakeDue: UInt64 {
        guard awaitsHandshake else { return .max }
        let now = context.loop.nowMilliseconds
        let left = Int32(truncatingIfNeeded: handshakeDueBits &- UInt32(truncatingIfNeeded: now))
        return left > 0 ? now + UInt64(left) : now
    }

    /// When the peer gave a sign of life.
    private var lastPong: UInt64 {
        let now = context.loop.nowMilliseconds
        return now - UInt64(UInt32(truncatingIfNeeded: now) &- lastPongBits)
    }

    /// The timer need not be set anew when something is put off or cancelled: it finds nothing due, and goes on.
    private func setClock() {
        context.loop.cancel(clock)
        clock = .none
        guard state != .closed else { return }
        let due = min(handshakeDue, pingDue, pongDue, identityDue)
        guard due < .max else { return }
        let now = context.loop.nowMilliseconds
        clock = schedule(.clock, after: Int(clamping: due > now ? due - now : 0))
    }

    /// When the peer counts as gone.
    private var pongDue: UInt64 {
        pingDue == .max ? .max : lastPong + UInt64(settings.options.pingTimeout)
    }

    /// When to look at the identity next, in loop time.
    private var identityDue: UInt64 {
        let due = authDue
        guard due < .infinity else { return .max }
        let delay = min(max(due - Double(context.wallClock()), 0), Self.longestDelay)
        return context.loop.nowMilliseconds + UInt64(delay.rounded(.up))
    }

    /// A token was set or taken away. The timer never runs longer than to the next ping.
    func identityChanged() {
        planRefresh()
        if clock == .none || identityDue < pingDue { setClock() }
    }

    func clockFired() {
        clock = .none
        let now = context.loop.nowMilliseconds
        if now >= handshakeDue {
            handshakeOutcome = .timedOut
            return close(forProtocol: .handshakeTimeout)
        }
        if authExpiry < .infinity { checkIdentity() }
        // A pong only notes the time.
        if now >= pongDue { return close(forProtocol: .pongTimeout) }
        if now >= pingDue {
            sendPing()
            pingDue = now + UInt64(settings.options.pingInterval)
        }
        setClock()
    }

    /// Pings are bare text frames, never through a codec (contract §3).
    private func sendPing() {
        let text = Array(settings.options.protocolVersion.pingText.utf8)
        transport.send(.text, text.rawBytes)
    }

    func cancelTimers() {
        context.loop.cancel(clock)
        clock = .none
        dropEarlyPackets()
    }
}
