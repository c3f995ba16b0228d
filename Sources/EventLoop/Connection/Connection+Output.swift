extension Connection {
    /// Appends output that a closure writes in place. It is sent at the end of the loop's turn, together with what else
    /// was written to the connection in the turn.
    ///
    /// Does nothing if the connection accepts no output.
    /// - Parameters:
    ///   - count: Most bytes the closure will write.
    ///   - body: Writes from the start of the buffer of `count` uninitialised bytes and returns how many it wrote. Must not
    ///     use the connection.
    @inlinable
    public func withReservedOutput(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
        guard flags.contains(.open), count > 0 else { return }
        let space: UnsafeMutableRawPointer
        if let tail = unsafe output.tail, unsafe tail.pointee.capacity &- tail.pointee.end >= count {
            unsafe space = tail.pointee.bytes + tail.pointee.end
        } else {
            unsafe space = makeRoom(count)
        }
        let written = unsafe body(UnsafeMutableRawBufferPointer(start: space, count: count))
        precondition(written >= 0 && written <= count, "wrote more than was reserved")
        if let tail = unsafe output.tail {
            unsafe tail.pointee.end &+= written
        }
        output.count &+= written
        if !flags.contains(.dirty) || output.count > settings.fastLimit {
            outputGrew()
        }
    }

    /// Appends a copy of bytes to the output. Does nothing if the connection accepts no output.
    /// - Parameter bytes: What to send.
    public func write(_ bytes: RawSpan) {
        loop.assertInLoop()
        guard flags.contains(.open), !bytes.isEmpty else { return }
        unsafe bytes.withUnsafeBytes { unsafe output.append($0, pool: &loop.pool) }
        if !flags.contains(.dirty) || output.count > settings.fastLimit {
            outputGrew()
        }
    }

    /// Appends shared bytes to the output: by reference above 1 KiB, copied otherwise. Does nothing if the connection
    /// accepts no output.
    /// - Parameter bytes: What to send.
    public func write(_ bytes: SharedBytes) {
        loop.assertInLoop()
        guard flags.contains(.open), bytes.count > 0 else { return }
        if bytes.count > Self.sharedThreshold, filter == nil {
            output.append(bytes, pool: &loop.pool)
        } else {
            unsafe bytes.withUnsafeBytes { unsafe output.append($0, pool: &loop.pool) }
        }
        if !flags.contains(.dirty) || output.count > settings.fastLimit {
            outputGrew()
        }
    }

    // A reference costs a block head and two atomic operations on a counter that several loops may share.
    private static var sharedThreshold: Int { 1024 }

    @usableFromInline
    func makeRoom(_ count: Int) -> UnsafeMutableRawPointer {
        loop.assertInLoop()
        return unsafe output.reserve(count, pool: &loop.pool)
    }

    /// The output is not on the loop's list yet, or is large.
    @usableFromInline
    func outputGrew() {
        loop.markDirty(self)
        if output.count > settings.fastLimit {
            checkWaterMarks()
        }
    }

    private func checkWaterMarks() {
        // Room in the kernel's buffer is used before the output counts as too much.
        if !flags.contains(.writing) {
            flushBytes()
        }
        let buffered = bufferedBytes
        if buffered > settings.options.highWaterMark {
            flags.insert(.full)
        }
        if buffered > settings.options.outputLimit {
            end(.outputLimit, reset: true)
        }
    }
}
