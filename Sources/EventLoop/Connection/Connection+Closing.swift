import CEventLoop

extension Connection {
    /// Closes gracefully: accepts no more output, sends what is queued, ends this side (`SHUT_WR`), then waits for the
    /// peer's end, for at most ``Options/lingerTimeoutMilliseconds``, discarding what still arrives. The handler gets only
    /// ``ConnectionHandler/closed(_:)`` after this.
    public func close() {
        loop.assertInLoop()
        guard flags.isDisjoint(with: [.closing, .dead]) else { return }
        if flags.contains(.connecting) {
            abort()
            return
        }
        cause = flags.contains(.peerEnded) ? .peerEnded : .local
        filter?.closeOutput()
        flags.remove(.open)
        flags.insert(.closing)
        // The end of the turn sends what is queued and takes the next step, also if there is nothing to send.
        loop.markDirty(self)
    }

    /// Closes at once with a reset (RST) and discards queued output. ``ConnectionHandler/closed(_:)`` follows, but not from
    /// within this call.
    public func abort() {
        loop.assertInLoop()
        end(.aborted, reset: true)
    }

    /// Everything queued was given to the kernel, or not yet.
    func continueClosing() {
        guard bufferedBytes == 0 else {
            armLinger()
            return
        }
        if flags.contains(.peerEnded) || settings.options.lingerTimeoutMilliseconds == 0 {
            end(cause)
            return
        }
        if !flags.contains(.outputShut), let raw = unsafe raw {
            flags.insert(.outputShut)
            // Fails only if the peer is gone already, which the next read tells.
            _ = unsafe el_connection_shutdown_output(raw)
            loop.cancel(lingerTimer)
            lingerTimer = .none
            armLinger()
        }
        startReading()
    }

    /// Kept with the handle, where a word is cheaper than here: it makes no other size class of it.
    private var lingerTimer: TimerID {
        get {
            guard let raw = unsafe raw else { return .none }
            let bits = unsafe el_connection_linger(raw)
            return TimerID(index: UInt32(truncatingIfNeeded: bits), generation: UInt32(truncatingIfNeeded: bits >> 32))
        }
        set {
            guard let raw = unsafe raw else { return }
            unsafe el_connection_set_linger(raw, UInt64(newValue.generation) << 32 | UInt64(newValue.index))
        }
    }

    private func armLinger() {
        guard lingerTimer == .none else { return }
        armLinger(LingerTimer(self))
    }

    private func armLinger(_ timer: LingerTimer) {
        timer.unacknowledged = unacknowledgedBytes()
        let wait = max(settings.options.lingerTimeoutMilliseconds, TimerWheel.tickMilliseconds)
        timer.waited += wait
        lingerTimer = loop.schedule(timer, tag: 0, afterMilliseconds: wait)
    }

    func lingerExpired(_ timer: LingerTimer) {
        lingerTimer = .none
        if flags.contains(.outputShut) {
            // All was sent and this side ended; the peer's silence changes nothing about that.
            end(cause)
        } else if unacknowledgedBytes() < timer.unacknowledged, timer.waited < settings.options.flushTimeoutMilliseconds
        {
            armLinger(timer)
        } else {
            end(.timedOut, reset: true)
        }
    }

    /// Closes the handle. The handler hears of it at the end of this turn or the next.
    func end(_ cause: Cause, errno: Int32 = 0, reset: Bool = false) {
        guard let raw = unsafe raw, !flags.contains(.dead) else { return }
        self.cause = cause
        failure = errno
        flags.remove(.open)
        flags.insert(.dead)
        loop.cancel(lingerTimer)
        lingerTimer = .none
        unsafe el_connection_close(raw, reset)
    }

    /// The handle is closed; its memory goes away after this.
    func handleClosed() {
        loop.connectionClosed(self)
        output.removeAll(pool: &loop.pool)
        filter?.wire.removeAll(pool: &loop.pool)
        unsafe raw = nil
        if let filter {
            self.filter = nil
            filter.connectionClosed()
        }
        if let handler {
            self.handler = nil
            handler.closed(reason)
            unsafe handler.attachedConnection = nil
        }
    }
}
