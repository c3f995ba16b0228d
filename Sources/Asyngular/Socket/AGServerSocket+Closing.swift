import EventLoop
import Logging
import SocketProtocol
import StrictJSON
import WebSocket

extension AGServerSocket {
    /// Closes the socket. A client that reconnects by itself does so unless the code is 1000 or at least 4500 (contract §15).
    ///
    /// - Parameters:
    ///   - code: the close code; by default 1000.
    ///   - reason: at most 123 bytes are sent.
    public func disconnect(_ code: CloseCode = .normal, reason: String = "") {
        close(code, reason: reason, localReason: reason)
    }

    /// Closes for a reason of the protocol. Upstream sends no reason text; the table's text is reported here.
    func close(forProtocol code: CloseCode, reason: String = "") {
        close(code, reason: reason, localReason: reason.isEmpty ? code.defaultReason ?? "" : reason)
    }

    /// The close request of the callback-era clients (contract §19).
    func handleDisconnect(_ packet: Packet, of bytes: RawSpan) {
        let data = packet.data.flatMap { try? JSONValue(parsing: bytes.extracting($0)) }
        let code = data?["code"]?.integerValue.flatMap(UInt16.init(exactly:)) ?? 1000
        disconnect(CloseCode(rawValue: code), reason: data?["data"]?.stringValue ?? "")
    }

    func close(_ code: CloseCode, reason: String, localReason: String) {
        guard state != .closed else { return }
        releaseTokens()
        flushOutbox()
        transport.close(code: code.rawValue, reason: reason)
        finish(AGClosure(code: code, reason: localReason))
    }

    /// The peer closed, or vanished, or broke the WebSocket protocol.
    func transportEnded(code: UInt16, reason: String) {
        let code = CloseCode(rawValue: code)
        // Without a reason of the peer's own, the table's text stands locally (contract §13).
        finish(AGClosure(code: code, reason: reason.isEmpty ? code.defaultReason ?? "" : reason))
    }

    /// The end, once: events in the contract's order (§13), then nothing more.
    private func finish(_ closure: AGClosure) {
        guard state != .closed else { return }
        let wasOpen = state == .open
        state = .closed
        if extras != nil {
            if verifying != nil { context.verification.socketEnded() }
            endVerification()
            heldPackets = nil
            dropOutbox()
            heldTokens = []
        }
        cancelTimers()
        context.closed(self)
        if !wasOpen { context.server.metrics.handshake(handshakeOutcome) }
        log(.debug, "The socket closed", ["code": "\(closure.code.rawValue)"])
        if calls != nil { abortCalls(type: wasOpen ? .disconnect : .connectAbort, closure: closure) }
        let isHeard = isHeard
        if isHeard {
            if wasOpen {
                emit(.disconnect, closure, as: .disconnection)
            } else {
                emit(.connectAbort, closure, as: .connectionAbort)
            }
            emit(.close, closure, as: .closure)
        }
        // Made for whoever hears it: nearly every connection ends with one.
        if hearsErrors, let error = closure.code.error(reason: closure.reason) { emitError(error) }
        if !subscriptions.isEmpty { leaveAllChannels() }
        if isHeard { emit(.end, ()) }
        finishStreams()
    }
}
