import StrictJSON

/// The form in which `JSON.stringify` writes a client's packets, which nearly all of them have:
/// `{"event":"…","data":…,"cid":…}`, without `data` or `cid` where there is none.
extension PacketScanner {
    /// Scans a message that is one packet, or none; a shorter way than ``scan(_:utf8Validated:into:)``, with the same result.
    ///
    /// - Parameters:
    ///   - bytes: The message, without pings and pongs (``ProtocolVersion``).
    ///   - utf8Validated: Whether the bytes are known to be UTF-8.
    /// - Returns: nil if the message is not in the usual form, which says nothing about it.
    public func scanUsual(_ bytes: RawSpan, utf8Validated: Bool) -> Packet? {
        // The least of them; and other text is looked at by the other way.
        guard utf8Validated, maximumDepth > 0, bytes.byteCount >= 13, bytes.byteCount < Int(UInt32.max) else {
            return nil
        }
        // A message with a fault is scanned again by the other way, which says what it is.
        return try? unsafe JSONScanner.scanning(bytes, maximumDepth: maximumDepth) {
            (scanner) throws(JSONError) -> Packet? in
            try unsafe scanUsual(scanner)
        }
    }

    @inline(__always)
    private func scanUsual(_ scanner: borrowing UnsafeJSONScanner) throws(JSONError) -> Packet? {
        let base = unsafe UnsafeRawPointer(scanner.base)
        // `{"event":"`
        guard unsafe Self.word(base, 0) == 0x7B22_6576_656E_7422,
            unsafe base.load(fromByteOffset: 8, as: UInt8.self) == 0x3A,
            unsafe base.load(fromByteOffset: 9, as: UInt8.self) == 0x22
        else { return nil }
        var hasEscapes = false
        let eventEnd = try unsafe scanner.closingQuote(from: 10, hasEscapes: &hasEscapes)
        var index = eventEnd &+ 1
        var data = PacketSlot.absent
        // `,"data":`
        if scanner.count &- index > 8, unsafe Self.word(base, index) == 0x2C22_6461_7461_223A {
            let start = index &+ 8
            index = try unsafe scanner.skipValue(at: start, depth: 1)
            data = PacketSlot(start, index)
        }
        var cid = PacketSlot.absent
        // `,"cid":` and a digit
        if scanner.count &- index > 8, unsafe Self.word(base, index) & ~0xFF == 0x2C22_6369_6422_3A00 {
            let start = index &+ 7
            guard unsafe scanner.base[start] &- 0x30 < 10 else { return nil }
            index = try unsafe scanner.skipNumber(at: start)
            cid = PacketSlot(start, index)
        }
        guard index &+ 1 == scanner.count, unsafe scanner.base[index] == 0x7D else { return nil }
        return Packet(
            kind: cid.isPresent ? .invoke : .transmit,
            event: PacketSlot(10, eventEnd),
            eventHasEscapes: hasEscapes,
            identifier: cid,
            data: data
        )
    }

    /// Eight bytes as they are read.
    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        unsafe UInt64(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
