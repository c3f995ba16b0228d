import EventLoop
import SocketProtocol
import StrictJSON
import WebSocket

/// A batch that was interrupted: the packets still to be processed and the message they point into.
struct HeldPackets {
    let bytes: [UInt8]
    var packets: ArraySlice<Packet>
    let isBinary: Bool
}

extension AGServerSocket {
    // MARK: Messages

    /// Processes what has arrived, message by message, until none is left, input is held or the socket closes.
    func drainInput() {
        let wasOpen = state == .open
        defer {
            // Who has a handshake behind them and says something is no newcomer any more.
            if wasOpen, !transport.isProven, state == .open { transport.prove() }
        }
        while state != .closed, let message = transport.nextMessage() {
            let isBinary =
                switch message {
                case .inPlace(.binary, _), .assembled(.binary, _): true
                default: false
                }
            transport.withBytes(of: message) { handleMessage($0, isBinary: isBinary) }
        }
    }

    private func handleMessage(_ bytes: RawSpan, isBinary: Bool) {
        let isPong = !isBinary && settings.options.protocolVersion.isPong(bytes)
        if isPong { lastPongBits = UInt32(truncatingIfNeeded: context.loop.nowMilliseconds) }
        if let hub, hub.isListening(to: AGSocketEventID.message.rawValue) {
            emit(.message, AGMessage(bytes: Bytes.array(bytes), isBinary: isBinary))
        }
        if isPong {
            handlePong()
            return
        }
        if let packet = context.scanner.scanUsual(bytes, utf8Validated: !isBinary) {
            dispatch(packet, of: bytes, isBinary: isBinary)
            return
        }
        // The array is the loop's; it is taken out while handlers run, for they may send a message of their own.
        var packets = context.takePackets()
        defer { context.returnPackets(&packets) }
        switch context.scanner.scan(bytes, utf8Validated: !isBinary, into: &packets) {
        case .raw: handleRaw(bytes, isBinary: isBinary)
        case .packet: dispatch(packets[0], of: bytes, isBinary: isBinary)
        case .batch: handleBatch(packets[...], of: bytes, isBinary: isBinary)
        }
    }

    private func handleBatch(_ batch: ArraySlice<Packet>, of bytes: RawSpan, isBinary: Bool) {
        var rest = batch
        while let packet = rest.popFirst() {
            dispatch(packet, of: bytes, isBinary: isBinary)
            // Contract §20.1: once a close is begun, nothing later in the batch is processed.
            if state == .closed { return }
            if verifying != nil {
                heldPackets = HeldPackets(bytes: Bytes.array(bytes), packets: rest, isBinary: isBinary)
                return
            }
        }
    }

    /// Takes up what waited for a verification.
    func resumeInput() {
        guard state != .closed else { return }
        if let held = heldPackets {
            heldPackets = nil
            handleHeld(held)
            if state == .closed || verifying != nil { return }
        }
        transport.resumeInput()
    }

    private func handleHeld(_ held: HeldPackets) {
        var rest = held.packets
        while let packet = rest.popFirst() {
            dispatch(packet, of: held.bytes.rawBytes, isBinary: held.isBinary)
            if state == .closed { return }
            if verifying != nil {
                heldPackets = HeldPackets(bytes: held.bytes, packets: rest, isBinary: held.isBinary)
                return
            }
        }
    }

    private func handlePong() {
        if state == .connecting, settings.options.strictHandshake {
            close(forProtocol: .messageBeforeHandshake)
            return
        }
        expireAuthTokenOnPong()
    }

    private func handleRaw(_ bytes: RawSpan, isBinary: Bool) {
        guard acceptsBeforeHandshake() else { return }
        if let hub, hub.isListening(to: AGSocketEventID.raw.rawValue) {
            emit(.raw, AGMessage(bytes: Bytes.array(bytes), isBinary: isBinary))
        }
    }

    /// With `strictHandshake`, anything but `#handshake` closes a socket that has not had it (contract §4).
    private func acceptsBeforeHandshake() -> Bool {
        guard state == .connecting, settings.options.strictHandshake else { return true }
        close(forProtocol: .messageBeforeHandshake)
        return false
    }

    // MARK: Packets

    private func dispatch(_ packet: Packet, of bytes: RawSpan, isBinary: Bool) {
        switch packet.kind {
        case .raw:
            handleRaw(bytes, isBinary: isBinary)
        case .response:
            guard acceptsBeforeHandshake() else { return }
            handleResponse(packet, of: bytes)
        case .transmit, .invoke:
            let reserved = ReservedEvent.matching(packet.event, in: bytes)
            if reserved == .handshake { return handleHandshake(packet, of: bytes) }
            guard acceptsBeforeHandshake() else { return }
            if let reserved, handleReserved(reserved, packet, of: bytes) { return }
            if packet.event.hasEscapes {
                let name = Array(packet.event.string(in: bytes).utf8)
                handleEvent(packet, named: name.rawBytes, of: bytes)
            } else {
                handleEvent(packet, named: bytes.extracting(packet.event.range), of: bytes)
            }
        }
    }

    /// - Returns: false for a name that means nothing coming from a client: an ordinary event (contract §5).
    private func handleReserved(_ event: ReservedEvent, _ packet: Packet, of bytes: RawSpan) -> Bool {
        switch event {
        case .publish: handlePublish(packet, of: bytes)
        case .subscribe: handleSubscribe(packet, of: bytes)
        case .unsubscribe: handleUnsubscribe(packet, of: bytes)
        case .authenticate: handleAuthenticate(packet, of: bytes)
        case .removeAuthToken: deauthenticateSelf()
        case .disconnect where settings.options.protocolVersion == .v1: handleDisconnect(packet, of: bytes)
        case .handshake, .setAuthToken, .kickOut, .disconnect: return false
        }
        return true
    }

    private func handleEvent(_ packet: Packet, named name: RawSpan, of bytes: RawSpan) {
        if packet.kind == .invoke {
            handleInvoke(packet, named: name, of: bytes)
        } else {
            handleTransmit(packet, named: name, of: bytes)
        }
    }

    private func handleInvoke(_ packet: Packet, named name: RawSpan, of bytes: RawSpan) {
        let expired = expireAuthToken()
        if settings.filters(.invoke) {
            guard permit(.invoke, named: name, packet, of: bytes, expired: expired) else { return }
        }
        if let demux = hub?.procedure(named: name) {
            if early != nil { deliverEarlyPackets() }
            let request = AGRequest(
                event: Bytes.string(name),
                data: packet.data.map { JSONText(unchecked: Bytes.array(bytes.extracting($0))) },
                cid: CallID(bytes.extracting(packet.cid)),
                socket: self
            )
            if demux.emit(request) == 0 { request.error(.resourceLimit("Too many requests are waiting")) }
            return
        }
        guard let handler = context.handlers.procedures[name] else {
            holdEarly(packet, named: name, of: bytes)
            return
        }
        // Not within the closure: what calls it from outside would ask the runtime for the executor, for each message.
        let base = unsafe bytes.withUnsafeBytes { unsafe $0 }
        var invocation = unsafe AGInvocation(
            name: UnsafeRawBufferPointer(rebasing: base[packet.event.range]),
            nameHasEscapes: packet.event.hasEscapes,
            payload: packet.data.map { unsafe UnsafeRawBufferPointer(rebasing: base[$0]) },
            cid: UnsafeRawBufferPointer(rebasing: base[packet.cid]),
            socket: self
        )
        do {
            try handler(self, &invocation)
        } catch {
            if !invocation.isAnswered { invocation.error(AGError(reporting: error)) }
        }
    }

    func handleTransmit(_ packet: Packet, named name: RawSpan, of bytes: RawSpan) {
        let expired = expireAuthToken()
        if settings.filters(.transmit) {
            guard permit(.transmit, named: name, packet, of: bytes, expired: expired) else { return }
        }
        deliverTransmission(packet, named: name, of: bytes)
    }

    func deliverTransmission(_ packet: Packet, named name: RawSpan, of bytes: RawSpan) {
        let demux = hub?.receiver(named: name)
        let handler = context.handlers.receivers[name]
        guard demux != nil || handler != nil else {
            holdEarly(packet, named: name, of: bytes)
            return
        }
        let transmission = AGTransmission(
            socket: self,
            event: Bytes.string(name),
            data: packet.data.map { JSONText(unchecked: Bytes.array(bytes.extracting($0))) }
        )
        handler?(self, transmission)
        if early != nil { deliverEarlyPackets() }
        if let demux, demux.emit(transmission) == 0 {
            emitError(.resourceLimit("Too many events are waiting"))
        }
    }

    private func permit(
        _ kind: AGAction.Kind,
        named name: RawSpan,
        _ packet: Packet,
        of bytes: RawSpan,
        expired: AGError?
    ) -> Bool {
        var action = AGAction(kind, socket: self)
        action.event = Bytes.string(name)
        action.data = packet.data.map { JSONText(unchecked: Bytes.array(bytes.extracting($0))) }
        action.authTokenExpiredError = expired
        return permit(action, packet, of: bytes)
    }

    /// Asks the filter; a refusal is reported, and answered if the peer waits for an answer (contract §11).
    func permit(_ action: consuming AGAction, _ packet: Packet, of bytes: RawSpan) -> Bool {
        let kind = action.kind
        action.authToken = authToken
        let verdict = settings.decide(action)
        // The filter may have closed the socket itself.
        guard state != .closed else { return false }
        guard let error = verdict.visibleError(for: kind) else { return true }
        if settings.options.middlewareEmitFailures, let local = verdict.localError { emitError(local) }
        respond(to: packet, of: bytes, error: error)
        return false
    }

    // MARK: Answers

    func respond(to packet: Packet, of bytes: RawSpan) {
        guard packet.kind == .invoke else { return }
        transport.sendResponse(cid: bytes.extracting(packet.cid))
    }

    func respond(to packet: Packet, of bytes: RawSpan, error: AGError) {
        guard packet.kind == .invoke else { return }
        transport.sendErrorResponse(cid: bytes.extracting(packet.cid), error: error)
    }

    /// A second answer to one request is the program's error, not the peer's (contract §2).
    nonisolated func reportSecondAnswer(to event: String) {
        let report: @Sendable (isolated AGServerSocket) -> Void = {
            $0.emitError(.invalidAction("Response to request \(event) has already been sent"))
        }
        if context.loop.isInEventLoop {
            assumeIsolated { report($0) }
        } else {
            context.loop.execute { self.assumeIsolated { report($0) } }
        }
    }
}
