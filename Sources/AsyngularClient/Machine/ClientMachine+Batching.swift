import SocketProtocol

extension ClientMachine {
    /// Sends a packet, or puts it into the batch that is being collected.
    mutating func send(_ packet: [UInt8], _ turn: inout Turn) {
        guard batch.isBuffering else {
            turn.actions.append(.send(packet))
            return
        }
        if batch.append(packet) { sendBatch(&turn) }
    }

    private mutating func sendBatch(_ turn: inout Turn) {
        let packets = batch.take()
        // An empty one is not sent (contract §16).
        guard !packets.isEmpty, isTransportOpen else { return }
        turn.actions.append(.send(PacketWriter.batch(packets)))
    }

    // MARK: By hand

    /// Holds packets back from now on. Without a connection there is nothing to hold back.
    mutating func startBatch() {
        if state != .closed { batch.isBuffering = true }
    }

    /// Sends what was held back; later packets go out at once.
    mutating func flushBatch(_ turn: inout Turn) {
        batch.isBuffering = false
        sendBatch(&turn)
    }

    /// Throws away what was held back.
    mutating func cancelBatch() {
        batch.isBuffering = false
        batch.discard()
    }

    // MARK: Periodically

    /// Sends a batch every `batchInterval` from now on, also over later connections.
    mutating func startBatching(_ now: UInt64) {
        batch.isPeriodic = true
        if state == .open { beginIntervals(now) }
    }

    /// Sends what was held back and ends batching.
    mutating func stopBatching(_ turn: inout Turn) {
        batch.isPeriodic = false
        (batch.flushDue, batch.endDue) = (.max, .max)
        flushBatch(&turn)
    }

    /// Throws away what was held back and ends batching.
    mutating func cancelBatching() {
        batch.isPeriodic = false
        stopBatchingAtClose()
    }

    private mutating func beginIntervals(_ now: UInt64) {
        batch.isBuffering = true
        if batch.flushDue == .max { batch.flushDue = now + UInt64(options.batchInterval) }
    }

    mutating func flushPeriodically(_ turn: inout Turn) {
        batch.flushDue = turn.now + UInt64(options.batchInterval)
        sendBatch(&turn)
        batch.isBuffering = true
    }

    // MARK: With the connection

    mutating func startBatchingAtOpen(_ now: UInt64) {
        if batch.isPeriodic {
            beginIntervals(now)
        } else if options.batchOnHandshake {
            beginIntervals(now)
            batch.endDue = now + UInt64(options.batchOnHandshakeDuration)
        }
    }

    /// The time of batching after the handshake is over.
    mutating func endBatchOnHandshake(_ turn: inout Turn) {
        batch.endDue = .max
        if !batch.isPeriodic { stopBatching(&turn) }
    }

    mutating func stopBatchingAtClose() {
        (batch.flushDue, batch.endDue) = (.max, .max)
        cancelBatch()
    }
}
