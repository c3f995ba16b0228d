import AsyngularSupport
import EventLoop
import WebSocket

extension ClientWebSocket {
    /// Sends a close frame, after what was sent before. ``ended(code:reason:)`` follows when the server has answered, or after 5
    /// seconds. No effect unless the WebSocket is open.
    ///
    /// - Parameters:
    ///   - code: one that may be sent (RFC 6455 §7.4), or nil for a close frame without one, as which any other counts.
    ///   - reason: cut to the 123 bytes that a close frame holds, at a character's edge.
    public final func close(code: UInt16?, reason: String = "") {
        guard phase == .open else { return }
        sendClose(code: code, reason: reason)
        phase = .closing
        stopHolding()
        closeTimer = loop.schedule(self, tag: Self.closeTimerTag, afterMilliseconds: closeTimeoutMilliseconds)
        // What was held goes through the parser, which must stay in step, and may have the server's close frame in it.
        takeHeld()
    }

    /// Ends the connection at once with a reset. ``ended(code:reason:)`` follows with 1006, but not from within this call.
    public final func abort() {
        guard phase != .closed else { return }
        phase = .closed
        connection?.abort()
    }

    private func sendClose(code: UInt16?, reason: String) {
        send(.close, FrameWriter.closePayload(code: code, reason: reason).rawBytes)
    }

    /// The server closes: its code goes back to it.
    final func peerClosed(code: UInt16?, reason: String) {
        sendClose(code: code, reason: "")
        phase = .closed
        connection?.close()
        finish(code: code ?? 1005, reason: reason)
    }

    /// This side found a reason to go on no longer.
    final func end(sending sent: UInt16, code: UInt16, reason: String) {
        sendClose(code: sent, reason: reason)
        phase = .closed
        connection?.close()
        finish(code: code, reason: reason)
    }

    /// After this side's close frame only the server's is of interest.
    final func awaitClose() {
        let bytes = unsafe shared.input.bytes
        var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
        while phase == .closing {
            do throws(WebSocketError) {
                guard let event = try parser.next(&span, at: &shared.input.position) else { return }
                switch event {
                case .message(_, .assembled, _), .ping(.assembled), .pong(.assembled): _ = parser.takeAssembled()
                case .close(let code, let reason):
                    let text = withPayload(reason, Bytes.string)
                    connection?.close()
                    finish(code: code ?? 1005, reason: text)
                default: break
                }
            } catch {
                connection?.close()
                finish(code: error.closeCode, reason: error.reason)
            }
        }
    }
}
