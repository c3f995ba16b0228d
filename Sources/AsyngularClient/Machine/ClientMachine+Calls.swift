import AsyngularSupport
import SocketProtocol
import StrictJSON

extension ClientMachine {
    // MARK: What the program sends (contract §6)

    /// Calls a procedure of the server. The caller is told the outcome once.
    ///
    /// - Parameters:
    ///   - id: the program's own number for the call, by which it can be given up.
    ///   - timeout: milliseconds; nil for the option `ackTimeout`.
    mutating func invoke(
        _ id: UInt32,
        _ caller: Caller,
        _ event: String,
        _ data: JSONText?,
        timeout: UInt64? = nil,
        _ turn: inout Turn
    ) {
        enqueue(
            Outbox.Entry(
                event: event,
                data: data,
                kind: .call(id, caller),
                deadline: turn.now + (timeout ?? UInt64(options.ackTimeout))
            ),
            &turn
        )
    }

    /// Sends an event that wants no answer. While connecting it waits, for `timeout` at most.
    mutating func transmit(_ event: String, _ data: JSONText?, timeout: UInt64? = nil, _ turn: inout Turn) {
        let deadline = turn.now + (timeout ?? UInt64(options.ackTimeout))
        enqueue(Outbox.Entry(event: event, data: data, kind: .transmit, deadline: deadline), &turn)
    }

    /// Sends at once if the connection is open, else when it will be; a closed one is opened.
    mutating func enqueue(_ entry: Outbox<Caller>.Entry, _ turn: inout Turn) {
        reconnectIfStale(&turn)
        if state == .closed { connect(&turn) }
        if state == .open { return send(entry, &turn) }
        guard outbox.append(entry, limit: options.outboxLimit, byteLimit: options.outboxByteLimit) else {
            return fail(entry, .resourceLimit("Too many events are waiting for the connection"), &turn)
        }
        callsDue = min(callsDue, entry.deadline)
    }

    /// No ping has come for so long that the connection is not worth trying, as after a sleep of the whole machine (contract §15).
    private mutating func reconnectIfStale(_ turn: inout Turn) {
        guard state == .open, !options.pingTimeoutDisabled, turn.now >= lastPing + pingTimeout else { return }
        reconnect(
            .normal,
            reason: "Stale socket was disconnected by the client to initiate a new connection",
            &turn
        )
    }

    private mutating func send(_ entry: Outbox<Caller>.Entry, _ turn: inout Turn) {
        let kind: CallTable<Caller>.Kind
        switch entry.kind {
        case .transmit:
            return send(PacketWriter.transmit(event: entry.event, data: entry.data), &turn)
        case .call(let id, let caller):
            kind = .call(id, caller)
        case .authenticate(let id, let caller, let token):
            kind = .authenticate(id, caller, token: token)
        }
        guard calls.count < options.pendingCallLimit else {
            return fail(entry, .resourceLimit("Too many calls are waiting for an answer"), &turn)
        }
        let cid = nextCID()
        calls.insert(CallTable.Entry(event: entry.event, kind: kind, deadline: entry.deadline), for: cid)
        callsDue = min(callsDue, entry.deadline)
        send(PacketWriter.invoke(event: entry.event, cid: cid, data: entry.data), &turn)
    }

    /// What has waited for the connection goes out, in order.
    mutating func flushOutbox(_ turn: inout Turn) {
        for entry in outbox.removeAll() { send(entry, &turn) }
    }

    // MARK: The end of a call

    /// An answer came (contract §2): one to nothing is dropped silently.
    mutating func handleResponse(_ packet: Packet, of bytes: RawSpan, _ turn: inout Turn) {
        guard let cid = Self.callNumber(bytes.extracting(packet.cid)) else { return }
        let error = packet.error.flatMap { AGError.hydrate(from: bytes.extracting($0)) }
        if cid == handshakeCID, cid != 0 {
            if let error { return failHandshake(error, &turn) }
            return handshakeAnswered(packet.data.map { JSONText(bytes.extracting($0)) }, &turn)
        }
        guard let entry = calls.remove(cid) else { return }
        let data = error == nil ? packet.data.map { JSONText(bytes.extracting($0)) } : nil
        finish(entry, error.map { .failure($0) } ?? .success(data), &turn)
    }

    /// `1.0` and `1e0` are the number 1 too.
    private static func callNumber(_ rid: RawSpan) -> Int? {
        if let number = JSONNumber.integer(rid) { return Int(exactly: number) }
        return Int(exactly: JSONNumber.double(rid))
    }

    private mutating func finish(
        _ entry: CallTable<Caller>.Entry,
        _ result: Result<JSONText?, AGError>,
        _ turn: inout Turn
    ) {
        switch entry.kind {
        case .call(_, let caller): turn.actions.append(.finish(caller, result))
        case .authenticate(_, let caller, let token): authenticateAnswered(caller, token: token, result, &turn)
        case .subscribe(let channel, let options): subscribeAnswered(channel, options, result, &turn)
        }
    }

    private mutating func fail(_ entry: Outbox<Caller>.Entry, _ error: AGError, _ turn: inout Turn) {
        switch entry.kind {
        case .transmit: turn.emit(.error(error))
        case .call(_, let caller): turn.actions.append(.finish(caller, .failure(error)))
        case .authenticate(_, let caller, _): finishAuthentication(caller, .failure(error), &turn)
        }
    }

    /// The program waits no longer. An answer to a token that is under way is still taken note of.
    mutating func abandon(_ id: UInt32, _ turn: inout Turn) {
        if let entry = outbox.remove(id) {
            fail(entry, .cancelled(event: entry.event), &turn)
        } else if let (entry, caller) = calls.release(id) {
            let error = AGError.cancelled(event: entry.event)
            if case .authenticate = entry.kind {
                turn.actions.append(.finishAuthentication(caller, .failure(error)))
            } else {
                turn.actions.append(.finish(caller, .failure(error)))
            }
        }
    }

    mutating func expireCalls(_ turn: inout Turn) {
        for entry in outbox.removeExpired(turn.now) {
            // What wants no answer is dropped silently.
            if case .transmit = entry.kind { continue }
            fail(entry, .responseTimeout(event: entry.event), &turn)
        }
        for entry in calls.removeExpired(turn.now) {
            finish(entry, .failure(.responseTimeout(event: entry.event)), &turn)
        }
        callsDue = min(outbox.earliestDeadline, calls.earliestDeadline)
    }

    /// The connection is gone, and with it the answers.
    mutating func abortCalls(_ loss: AGError.ConnectionLoss, _ closure: AGClientClosure, _ turn: inout Turn) {
        for entry in calls.removeAll() {
            // A channel stays pending.
            if case .subscribe = entry.kind { continue }
            let error = AGError.callAborted(
                event: entry.event,
                type: loss,
                code: closure.code,
                reason: closure.reason
            )
            finish(entry, .failure(error), &turn)
        }
    }

    mutating func abortOutbox(_ loss: AGError.ConnectionLoss, _ closure: AGClientClosure, _ turn: inout Turn) {
        for entry in outbox.removeAll() {
            if case .transmit = entry.kind { continue }
            let error = AGError.callAborted(
                event: entry.event,
                type: loss,
                code: closure.code,
                reason: closure.reason
            )
            fail(entry, error, &turn)
        }
    }
}

extension PacketWriter {
    static func transmit(event: String, data: JSONText?) -> [UInt8] {
        guard let data else { return transmit(event: event) }
        return transmit(event: event, data: data)
    }

    static func invoke(event: String, cid: Int, data: JSONText?) -> [UInt8] {
        guard let data else { return invoke(event: event, cid: cid, order: .client) }
        return invoke(event: event, cid: cid, data: data, order: .client)
    }
}
