import StrictJSON

/// The member names that make a packet; any other is ignored.
enum PacketName {
    case event
    case cid
    case rid
    case data
    case error
    case other

    /// The name whose content lies at `start..<end` of `base`, directly before its closing quote.
    @inline(always)
    init(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int, hasEscapes: Bool) {
        if hasEscapes {
            self = unsafe PacketName.decoding(base, from: start, to: end)
            return
        }
        let length = end &- start
        guard length >= 3, length <= 5 else {
            self = .other
            return
        }
        // Four bytes are there to read even for a name of three: the quote is the fourth.
        let head = unsafe UInt32(
            littleEndian: UnsafeRawPointer(base).loadUnaligned(fromByteOffset: start, as: UInt32.self)
        )
        switch (length, head) {
        case (3, PacketName.code(0x63, 0x69, 0x64, 0x22)): self = .cid
        case (3, PacketName.code(0x72, 0x69, 0x64, 0x22)): self = .rid
        case (4, PacketName.code(0x64, 0x61, 0x74, 0x61)): self = .data
        case (5, PacketName.code(0x65, 0x76, 0x65, 0x6E)) where unsafe base[start &+ 4] == 0x74: self = .event
        case (5, PacketName.code(0x65, 0x72, 0x72, 0x6F)) where unsafe base[start &+ 4] == 0x72: self = .error
        default: self = .other
        }
    }

    @inline(always)
    private static func code(_ first: UInt32, _ second: UInt32, _ third: UInt32, _ fourth: UInt32) -> UInt32 {
        first | second << 8 | third << 16 | fourth << 24
    }

    /// A name spelt with escapes, such as `"\u0065vent"`: the same name to a JSON parser.
    @inline(never)
    private static func decoding(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> PacketName {
        let content = unsafe UnsafeRawBufferPointer(start: base + start, count: end - start).bytes
        let name = JSONString(range: 0..<end - start, hasEscapes: true)
        if name.equals("event", in: content) { return .event }
        if name.equals("cid", in: content) { return .cid }
        if name.equals("rid", in: content) { return .rid }
        if name.equals("data", in: content) { return .data }
        if name.equals("error", in: content) { return .error }
        return .other
    }
}
