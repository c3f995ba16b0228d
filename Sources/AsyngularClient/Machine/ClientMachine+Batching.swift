import SocketProtocol

extension ClientMachine {
    /// Sends a packet, or puts it into the batch that is being collected.
    mutating func send(_ packet: [UInt8], _ turn: inout Turn) {
        guard batch.isBuffering else {
            turn.actions.append(.send(packet))
            return
        }
        if batch.append(packet) {
            sendBatch(&turn)
        } else if batch.isTimed, batch.flushDue == .max {
            batch.flushDue = turn.now + UInt64(options.batchInterval)
        }
    }

    private mutating func sendBatch(_ turn: inout Turn) {
        batch.flushDue = .max
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
        batch.flushDue = .max
        batch.discard()
    }

    // MARK: Periodically

    /// Sends in batches from now on, also over later connections: what is held back goes out `batchInterval` after its first packet.
    mutating func startBatching() {
        batch.isPeriodic = true
        if state == .open { beginIntervals() }
    }

    /// Sends what was held back and ends batching.
    mutating func stopBatching(_ turn: inout Turn) {
        batch.isPeriodic = false
        batch.isTimed = false
        batch.endDue = .max
        flushBatch(&turn)
    }

    /// Throws away what was held back and ends batching.
    mutating func cancelBatching() {
        batch.isPeriodic = false
        stopBatchingAtClose()
    }

    private mutating func beginIntervals() {
        batch.isBuffering = true
        batch.isTimed = true
    }

    mutating func flushPeriodically(_ turn: inout Turn) {
        sendBatch(&turn)
        batch.isBuffering = true
    }

    // MARK: With the connection

    mutating func startBatchingAtOpen(_ now: UInt64) {
        if batch.isPeriodic {
            beginIntervals()
        } else if options.batchOnHandshake {
            beginIntervals()
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
        batch.isTimed = false
        cancelBatch()
    }
}
