import CEventLoop
import DequeModule

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Connection {
    /// Whether bytes from the peer are delivered.
    public var isReading: Bool { flags.contains(.reading) }

    /// Stops delivering bytes; the peer is held back once the kernel's buffer is full. While nothing is being read or
    /// written, a reset by the peer goes unnoticed. No effect after ``close()``.
    public func pauseReading() {
        loop.assertInLoop()
        guard let raw = unsafe raw, flags.contains(.reading), flags.isDisjoint(with: [.closing, .dead]) else { return }
        flags.remove(.reading)
        unsafe el_connection_read_stop(raw)
    }

    /// Delivers bytes again.
    public func resumeReading() {
        loop.assertInLoop()
        startReading()
        filter?.readingResumed()
    }

    /// Whether this connection's input may wait: a turn of the loop reads from such connections for half a
    /// millisecond, from at least 8 and at most 64 of them, then only from the others; while there are others
    /// (``EventLoop/isHurried``), for 60 microseconds, from at least 2 and at most 4. For peers that have not proved to be worth
    /// more, so that a flood of them does not lengthen everybody's turns. Off by default.
    public func setPatient(_ isPatient: Bool) {
        loop.assertInLoop()
        guard let raw = unsafe raw, !flags.contains(.dead) else { return }
        unsafe el_connection_set_patient(raw, isPatient)
    }

    func startReading() {
        guard let raw = unsafe raw, flags.isDisjoint(with: [.reading, .peerEnded, .dead, .connecting]) else { return }
        flags.insert(.reading)
        let status = unsafe el_connection_read_start(raw)
        if status < 0 {
            end(.failed, errno: -status, reset: true)
        }
    }

    /// Something was read: bytes, the end (0) or an error (negative).
    func wireReadable(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int) {
        guard !flags.contains(.dead) else { return }
        if count > 0, let bytes = unsafe bytes {
            loop.counters.bytesIn &+= UInt64(count)
            loop.counters.reads &+= 1
            var span = unsafe MutableRawSpan(_unsafeStart: bytes, byteCount: count)
            if let filter {
                filter.receive(&span)
            } else if !flags.contains(.closing), let handler {
                // After close() reading goes on only to see the peer's end.
                handler.receive(&span)
                if output.count >= Self.earlyFlushSize { flushEarly() }
            }
        } else if count == 0 {
            flags.insert(.peerEnded)
            flags.remove(.reading)
            if flags.contains(.closing) {
                // What is still queued is sent first; flush() ends the connection then.
                if flags.contains(.outputShut) { end(cause) }
            } else if let filter {
                filter.receivedEnd()
            } else {
                handler?.receivedEnd()
            }
        } else {
            loop.counters.readErrors &+= 1
            end(.failed, errno: Int32(-count), reset: true)
        }
    }

    /// From 8 KiB on, answers go out before the next connection is read: their blocks are used again while they are in the
    /// cache, instead of a block for each connection of the turn. Smaller ones wait for what else the turn brings.
    private static var earlyFlushSize: Int { 8 * 1024 }

    /// The end of the turn still looks at the connection, for the water marks and the close.
    private func flushEarly() {
        guard flags.isDisjoint(with: [.writing, .dead]) else { return }
        flushBytes()
    }

    /// A patient connection has input in a turn without time for it. Not watched until its turn comes: it would be
    /// reported again in each.
    func deferReading() {
        guard let raw = unsafe raw, flags.contains(.reading), flags.isDisjoint(with: [.dead, .peerEnded]) else {
            return
        }
        unsafe el_connection_read_stop(raw)
        loop.deferred.append(self)
    }

    /// Reads on after ``deferReading()``, unless reading was paused or ended meanwhile. Stopping and starting within one turn
    /// costs no system call.
    func resumeDeferred() {
        guard let raw = unsafe raw, flags.contains(.reading), flags.isDisjoint(with: [.dead, .peerEnded]) else {
            return
        }
        let status = unsafe el_connection_read_start(raw)
        if status < 0 {
            end(.failed, errno: -status, reset: true)
        }
    }

    static func reason(errno: Int32) -> ConnectionCloseReason {
        switch errno {
        case ECONNRESET, EPIPE, ECONNABORTED: .reset
        case ETIMEDOUT: .timedOut
        default: .error(EventLoopError(errno: errno, operation: "connection"))
        }
    }
}
