import EventLoop

/// The order in which the server's own packets follow its answers.
extension AGServerSocket {
    /// Sends an encoded packet at the end of the turn: answers given in the same turn go first (contract §6).
    func sendEvent(_ packet: [UInt8]) {
        guard state != .closed else { return }
        // What comes later does not overtake a token.
        releaseTokens()
        enqueue(packet)
    }

    private func enqueue(_ packet: [UInt8]) {
        if extras?.outbox.isEmpty ?? true { context.flushLater(self) }
        changeExtras { $0.outbox.append(packet) }
    }

    func flushOutbox() {
        guard let extras, !extras.outbox.isEmpty else { return }
        for packet in extras.outbox { transport.send(.text, packet.rawBytes) }
        dropOutbox()
    }

    func dropOutbox() {
        guard let extras, !extras.outbox.isEmpty else { return }
        // Its room is used again.
        changeExtras { $0.outbox.removeAll(keepingCapacity: $0.outbox.count <= 16) }
    }

    // MARK: Tokens behind answers (contract §9.4)

    /// How long a token waits for an answer, milliseconds.
    private static let longestHold = 100

    /// Sends `#setAuthToken` behind the answer to the login that it belongs to.
    ///
    /// A task elsewhere that sets a token and then answers comes back to the loop in a later turn, so while a task has a
    /// request the token waits for an answer, at most ``longestHold``: as long as a task may need to go on.
    func sendToken(_ packet: [UInt8]) {
        guard openRequests > 0 else { return sendEvent(packet) }
        guard state != .closed else { return }
        if heldTokens.isEmpty { _ = schedule(.heldTokens, after: Self.longestHold) }
        heldTokens.append(packet)
    }

    func releaseTokens() {
        guard !heldTokens.isEmpty else { return }
        let packets = heldTokens
        heldTokens = []
        for packet in packets { enqueue(packet) }
    }

    func requestOpened() {
        openRequests += 1
    }

    /// A request was answered, or never will be.
    func requestClosed() {
        openRequests -= 1
        releaseTokens()
    }
}
