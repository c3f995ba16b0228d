import AsyngularSupport
import SocketProtocol
import StrictJSON

extension ClientMachine {
    /// A whole message came on the WebSocket.
    mutating func received(_ attempt: UInt32, _ bytes: RawSpan, isBinary: Bool, _ turn: inout Turn) {
        guard isTransportOpen, attempt == self.attempt else { return }
        if !isBinary, options.protocolVersion.isPing(bytes) { return answerPing(&turn) }
        // The stock client does not decode binary messages (contract §2).
        guard !isBinary else { return raw(bytes, isBinary: true, &turn) }
        turn.packets.removeAll(keepingCapacity: true)
        switch PacketScanner().scan(bytes, utf8Validated: true, into: &turn.packets) {
        case .raw:
            raw(bytes, isBinary: false, &turn)
        case .packet:
            dispatch(turn.packets[0], of: bytes, &turn)
        case .batch:
            for index in turn.packets.indices {
                dispatch(turn.packets[index], of: bytes, &turn)
                // Once the connection is given up nothing that it brought counts.
                guard isTransportOpen, attempt == self.attempt else { return }
            }
        }
    }

    /// Only pings keep the connection alive (contract §3). The answer goes at once, past any batch.
    private mutating func answerPing(_ turn: inout Turn) {
        lastPing = turn.now
        turn.actions.append(.send(Array(options.protocolVersion.pongText.utf8)))
    }

    private func raw(_ bytes: RawSpan, isBinary: Bool, _ turn: inout Turn) {
        turn.emit(.raw(AGClientMessage(bytes: Bytes.array(bytes), isBinary: isBinary)))
    }

    private mutating func dispatch(_ packet: Packet, of bytes: RawSpan, _ turn: inout Turn) {
        switch packet.kind {
        case .raw:
            raw(bytes, isBinary: false, &turn)
        case .response:
            handleResponse(packet, of: bytes, &turn)
        case .transmit, .invoke:
            if let event = ReservedEvent.matching(packet.event, in: bytes),
                handle(event, packet, of: bytes, &turn)
            {
                return
            }
            deliver(packet, of: bytes, &turn)
        }
    }

    /// - Returns: false for what means nothing coming from a server: an ordinary event (contract §5).
    private mutating func handle(
        _ event: ReservedEvent,
        _ packet: Packet,
        of bytes: RawSpan,
        _ turn: inout Turn
    ) -> Bool {
        switch event {
        case .setAuthToken: handleSetAuthToken(packet, of: bytes, &turn)
        case .removeAuthToken: handleRemoveAuthToken(packet, of: bytes, &turn)
        case .publish where packet.kind == .transmit: handlePublish(packet, of: bytes, &turn)
        case .kickOut where packet.kind == .transmit: handleKickOut(packet, of: bytes, &turn)
        default: return false
        }
        return true
    }

    private func deliver(_ packet: Packet, of bytes: RawSpan, _ turn: inout Turn) {
        let name =
            packet.event.hasEscapes
            ? Array(packet.event.string(in: bytes).utf8)
            : Bytes.array(bytes.extracting(packet.event.range))
        let data = packet.data.map { JSONText(bytes.extracting($0)) }
        if packet.kind == .invoke {
            let cid = Bytes.array(bytes.extracting(packet.cid))
            turn.actions.append(.request(name: name, data: data, cid: cid, attempt: attempt))
        } else {
            turn.actions.append(.receive(name: name, data: data))
        }
    }

    // MARK: Answers

    /// Answers a call of the server, unless its connection is gone.
    mutating func respond(
        _ attempt: UInt32,
        cid: [UInt8],
        _ result: Result<JSONText?, AGError>,
        _ turn: inout Turn
    ) {
        guard isTransportOpen, attempt == self.attempt else { return }
        switch result {
        case .success(let data?): send(PacketWriter.response(rid: cid.rawBytes, data: data), &turn)
        case .success(nil): send(PacketWriter.response(rid: cid.rawBytes), &turn)
        case .failure(let error): send(PacketWriter.errorResponse(rid: cid.rawBytes, error: error), &turn)
        }
    }

    mutating func answer(_ packet: Packet, of bytes: RawSpan, error: AGError?, _ turn: inout Turn) {
        guard packet.kind == .invoke else { return }
        let cid = Bytes.array(bytes.extracting(packet.cid))
        respond(attempt, cid: cid, error.map { .failure($0) } ?? .success(nil), &turn)
    }
}
