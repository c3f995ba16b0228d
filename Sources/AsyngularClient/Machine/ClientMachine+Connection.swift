import SocketProtocol

extension ClientMachine {
    // MARK: What the program wants

    /// Opens the connection, unless it is open or being opened.
    mutating func connect(_ turn: inout Turn) {
        guard state == .closed else { return }
        reconnectDue = .max
        state = .connecting
        attempt &+= 1
        connectDue = turn.now + UInt64(options.connectTimeout)
        turn.emit(.connecting)
        turn.actions.append(.dial(attempt))
    }

    /// Connects with other options; a connection that there is is closed.
    mutating func connect(with settings: ClientSettings, _ turn: inout Turn) {
        if state != .closed {
            disconnect(.normal, reason: "Socket was disconnected by the client to initiate a new connection", &turn)
        }
        self.settings = settings
        connect(&turn)
    }

    /// Closes the connection, or gives up connecting. Whether it is opened again follows from the code (contract §15).
    mutating func disconnect(_ code: CloseCode, reason: String, _ turn: inout Turn) {
        guard state != .closed else {
            reconnectDue = .max
            return
        }
        end(code, reason: reason, isLocal: true, &turn)
        turn.actions.append(.close(code: code.sendable, reason: reason))
    }

    mutating func reconnect(_ code: CloseCode, reason: String, _ turn: inout Turn) {
        disconnect(code, reason: reason, &turn)
        connect(&turn)
    }

    // MARK: What happens to it

    /// The WebSocket of an attempt is open: the token is loaded, then the handshake made.
    mutating func transportOpened(_ attempt: UInt32, _ turn: inout Turn) {
        guard state == .connecting, attempt == self.attempt, !isTransportOpen else { return }
        connectDue = .max
        isTransportOpen = true
        pingTimeout = UInt64(options.connectTimeout)
        lastPing = turn.now
        turn.actions.append(.loadToken(attempt))
    }

    /// The WebSocket closed or vanished, or could not be opened.
    mutating func transportEnded(_ attempt: UInt32, code: CloseCode, reason: String, _ turn: inout Turn) {
        guard state != .closed, attempt == self.attempt else { return }
        end(code, reason: reason, isLocal: false, &turn)
    }

    /// The end of a connection or of an attempt, once: events in the contract's order (§13), then what is planned.
    ///
    /// - Parameter isLocal: whether the program closed it; then calls that wait for an answer fail last.
    mutating func end(_ code: CloseCode, reason: String, isLocal: Bool, _ turn: inout Turn) {
        let wasOpen = state == .open
        let loss = wasOpen ? AGError.ConnectionLoss.disconnect : .connectAbort
        let closure = AGClientClosure(code: code, reason: reason.isEmpty ? code.defaultReason ?? "" : reason)
        state = .closed
        id = nil
        isTransportOpen = false
        handshakeCID = 0
        presentedToken = nil
        stopBatchingAtClose()
        (connectDue, handshakeDue, reconnectDue, refreshDue) = (.max, .max, .max, .max)
        if !isLocal { abortCalls(loss, closure, &turn) }
        suspendSubscriptions(&turn)
        turn.emit(wasOpen ? .disconnect(closure) : .connectAbort(closure))
        turn.emit(.close(closure))
        if let error = code.error(reason: reason) { turn.emit(.error(error)) }
        abortOutbox(loss, closure, &turn)
        planReconnection(after: code, &turn)
        if isLocal { abortCalls(loss, closure, &turn) }
        callsDue = .max
    }

    // MARK: Coming back (contract §15)

    private mutating func planReconnection(after code: CloseCode, _ turn: inout Turn) {
        forgetFailures(ifStableAt: turn.now)
        stableSince = .max
        guard options.autoReconnect else { return }
        let plan = options.autoReconnectOptions
        guard let delay = BackOff.delay(after: code, attempt: failedAttempts, plan, &random) else { return }
        failedAttempts += 1
        reconnectDelay = delay
        reconnectDue = turn.now + delay
    }

    /// The connection is as it should be from now on.
    mutating func becameStable(_ now: UInt64) {
        if stableSince == .max { stableSince = now }
        forgetFailures(ifStableAt: now)
    }

    private mutating func forgetFailures(ifStableAt now: UInt64) {
        guard stableSince != .max else { return }
        let least = options.autoReconnectOptions.stableAfter.map { UInt64($0) } ?? 0
        if now - stableSince >= least { failedAttempts = 0 }
    }
}

extension CloseCode {
    /// The code as it may stand in a close frame (RFC 6455 §7.4): what may not is a normal close.
    var sendable: UInt16 {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: rawValue
        default: 1000
        }
    }
}
