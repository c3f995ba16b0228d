import SocketProtocol
import StrictJSON

extension ClientMachine {
    /// The stored token is there, or there is none: the handshake begins (contract §4).
    mutating func tokenLoaded(_ attempt: UInt32, _ token: Result<String?, AGError>, _ turn: inout Turn) {
        guard state == .connecting, attempt == self.attempt, isTransportOpen, handshakeCID == 0 else { return }
        switch token {
        case .failure(let error):
            failHandshake(error, &turn)
        case .success(let token):
            presentedToken = token.map { AGClientAuthToken(signed: $0) }
            handshakeCID = nextCID()
            handshakeDue = turn.now + UInt64(options.ackTimeout)
            // Not through the batch: nothing else may go before it.
            turn.actions.append(.send(PacketWriter.handshake(authToken: token, cid: handshakeCID)))
        }
    }

    /// The handshake was refused, not answered, or could not be made.
    mutating func failHandshake(_ error: AGError, _ turn: inout Turn) {
        turn.emit(.error(error))
        let code = error.statusCode.map { CloseCode(rawValue: $0) } ?? .handshakeFailed
        end(code, reason: error.description, isLocal: false, &turn)
        turn.actions.append(.close(code: code.sendable, reason: ""))
    }

    mutating func handshakeAnswered(_ data: JSONText?, _ turn: inout Turn) {
        let status = connectStatus(data)
        handshakeCID = 0
        handshakeDue = .max
        state = .open
        id = status.id
        pingTimeout = UInt64(status.pingTimeout)
        lastPing = turn.now
        startBatchingAtOpen(turn.now)
        isPreparingSubscriptions = true
        if status.isAuthenticated {
            becomeAuthenticated(status.authToken, &turn)
        } else {
            becomeUnauthenticated(&turn)
        }
        let mayWait = options.autoReconnectOptions.stableAfter != nil
        // Upstream's rule is that the handshake is enough; the other one that an identity that was shown was also accepted.
        if !mayWait || status.isAuthenticated || presentedToken?.signed.isEmpty ?? true { becameStable(turn.now) }
        if options.autoSubscribeOnConnect { processPendingSubscriptions(&turn) }
        turn.emit(.connect(status))
        flushOutbox(&turn)
    }

    private func connectStatus(_ data: JSONText?) -> AGClientConnectStatus {
        let data = try? data?.value()
        // The stock client closes at once if it is told no time; here the time it has had until now stays in force.
        let told = data?["pingTimeout"]?.doubleValue.flatMap { Int(exactly: $0.rounded()) } ?? 0
        return AGClientConnectStatus(
            id: data?["id"]?.stringValue ?? "",
            pingTimeout: told > 0 ? min(told, Int(Int32.max)) : options.connectTimeout,
            isAuthenticated: data?["isAuthenticated"]?.isTruthy ?? false,
            authError: data?["authError"].flatMap { AGError.hydrate(from: $0) },
            authToken: presentedToken
        )
    }
}

extension JSONValue {
    /// Whether JavaScript takes the value for true.
    var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0 && !value.isNaN
        case .string(let value): !value.isEmpty
        case .array, .object: true
        }
    }
}
