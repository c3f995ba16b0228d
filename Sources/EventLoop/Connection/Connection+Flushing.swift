import CEventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Connection {
    /// Sends what the turn has gathered. Called by the loop, once per turn while there is something to send.
    func flush() {
        guard !flags.contains(.dead) else { return }
        if !flags.contains(.writing) {
            flushBytes()
        }
        outputShrank()
    }

    /// The write of the rest ended.
    func writeEnded(_ status: Int32, _ sent: Int) {
        flags.remove(.writing)
        guard !flags.contains(.dead) else { return }
        guard status == 0 else {
            loop.counters.writeErrors &+= 1
            end(.failed, errno: -status, reset: true)
            return
        }
        sentBytes(sent)
        flushBytes()
        outputShrank()
    }

    /// Gives output to the kernel until it takes no more; the rest when it does again. Makes no call to the handler.
    func flushBytes() {
        guard let raw = unsafe raw, flags.isDisjoint(with: [.dead, .connecting]) else { return }
        filter?.transformOutput()
        let vectors = unsafe loop.vectors
        while !flags.contains(.dead) {
            let offered = unsafe outgoing.fill(vectors)
            guard offered.vectors > 0 else {
                // A block reserved but not written to.
                if outgoing.hasBlocks { sentBytes(0) }
                return
            }
            loop.counters.tryWriteCalls &+= 1
            let result = unsafe el_connection_try_write(raw, vectors.baseAddress, UInt32(offered.vectors))
            if result > 0 {
                sentBytes(result)
            }
            if result == offered.bytes { continue }
            if result >= 0 || result == -Int(EAGAIN) {
                unsafe queueRest(raw)
            } else {
                loop.counters.writeErrors &+= 1
                end(.failed, errno: Int32(-result), reset: true)
            }
            return
        }
    }

    private func queueRest(_ raw: OpaquePointer) {
        let vectors = unsafe loop.vectors
        let offered = unsafe outgoing.fill(vectors)
        guard offered.vectors > 0 else { return }
        loop.counters.queuedWrites &+= 1
        let status = unsafe el_connection_write(raw, vectors.baseAddress, UInt32(offered.vectors))
        guard status == 0 else {
            loop.counters.writeErrors &+= 1
            end(.failed, errno: -status, reset: true)
            return
        }
        flags.insert(.writing)
    }

    /// The chain that goes to the kernel.
    private var outgoing: OutputChain {
        if let filter { return filter.wire }
        return output
    }

    private func sentBytes(_ count: Int) {
        loop.counters.bytesOut &+= UInt64(count)
        if let filter {
            filter.wire.consume(count, pool: &loop.pool)
        } else {
            output.consume(count, pool: &loop.pool)
        }
    }

    /// Follows a flush: water marks, then the next step of a graceful close.
    private func outputShrank() {
        guard !flags.contains(.dead) else { return }
        if flags.contains(.full), bufferedBytes <= settings.options.lowWaterMark {
            flags.remove(.full)
        }
        if flags.contains(.closing) {
            continueClosing()
        } else if flags.contains(.full) != flags.contains(.reportedFull) {
            let isFull = flags.contains(.full)
            if isFull {
                flags.insert(.reportedFull)
            } else {
                flags.remove(.reportedFull)
            }
            handler?.writabilityChanged(!isFull)
        }
    }
}
