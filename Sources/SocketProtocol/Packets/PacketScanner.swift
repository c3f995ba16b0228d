import StrictJSON

/// Finds the packets of a message in one pass that validates the whole of it (contract §2, §16, §17, §18).
///
/// Nothing is decoded and nothing allocated beyond the growth of the caller's array. The scanner is a value without
/// state: one serves any number of connections.
public struct PacketScanner: Sendable {
    /// What a message turned out to be.
    @frozen
    public enum Outcome: UInt8, Sendable, Hashable {
        /// One JSON object: exactly one packet was appended. It is `.raw` if the object has no packet's shape.
        case packet
        /// A JSON array: its elements were appended in order, those that are no packets as `.raw`; possibly none.
        case batch
        /// No packet at all: malformed or scalar JSON, other text, or beyond a limit. Nothing was appended.
        case raw
    }

    /// Which values of `cid` and `rid` make a call and a response (contract §19).
    @frozen
    public enum IdentifierRule: UInt8, Sendable, Hashable {
        /// Numbers only: SocketCluster 18.1 and later.
        case numbers
        /// Anything but `null`: Asyngular, SocketCluster up to 18.0 and the packages before version 15.
        case nonNull
    }

    /// How many containers may be open at once; deeper messages are raw. The packet's own object counts, as does a
    /// batch.
    public let maximumDepth: Int
    /// How many elements a batch may have; longer ones are raw.
    public let maximumBatchCount: Int
    /// Which values count as identifiers.
    public let identifiers: IdentifierRule

    /// A scanner.
    ///
    /// - Parameters:
    ///   - maximumDepth: Default 128.
    ///   - maximumBatchCount: Default 10,000.
    ///   - identifiers: Default `.numbers`.
    public init(maximumDepth: Int = 128, maximumBatchCount: Int = 10_000, identifiers: IdentifierRule = .numbers) {
        self.maximumDepth = maximumDepth
        self.maximumBatchCount = maximumBatchCount
        self.identifiers = identifiers
    }

    /// Scans one message.
    ///
    /// - Parameters:
    ///   - bytes: The message, without pings and pongs (``ProtocolVersion``). Blanks around the value are allowed.
    ///   - utf8Validated: Whether the bytes are known to be UTF-8, as those of a text frame are. If not, they are
    ///     checked here and anything malformed is raw.
    ///   - packets: Where packets are appended; kept and reused by the caller so that scanning does not allocate.
    /// - Returns: What the message is. Never throws.
    public func scan(_ bytes: RawSpan, utf8Validated: Bool, into packets: inout [Packet]) -> Outcome {
        guard bytes.byteCount < Int(UInt32.max) else { return .raw }
        if !utf8Validated, UTF8Check.firstInvalidOffset(in: bytes) != nil { return .raw }
        let mark = packets.count
        do {
            return try unsafe JSONScanner.scanning(bytes, maximumDepth: maximumDepth) {
                (scanner) throws(JSONError) -> Outcome in
                try unsafe scan(scanner, &packets)
            }
        } catch {
            packets.removeSubrange(mark...)
            return .raw
        }
    }

    private func scan(_ scanner: borrowing UnsafeJSONScanner, _ packets: inout [Packet]) throws(JSONError) -> Outcome {
        let start = unsafe scanner.skipBlanks(at: 0)
        guard start < scanner.count else { return .raw }
        let outcome: Outcome
        let end: Int
        switch unsafe scanner.base[start] {
        case 0x7B:
            let packet: Packet
            (packet, end) = try unsafe scanObject(scanner, at: start, depth: 1)
            packets.append(packet)
            outcome = .packet
        case 0x5B:
            end = try unsafe scanBatch(scanner, at: start, &packets)
            outcome = .batch
        default:
            return .raw
        }
        let rest = end < scanner.count ? unsafe scanner.skipBlanks(at: end) : end
        guard rest == scanner.count else { throw .trailing(rest) }
        return outcome
    }

    /// The index behind the array at `start`.
    private func scanBatch(
        _ scanner: borrowing UnsafeJSONScanner,
        at start: Int,
        _ packets: inout [Packet]
    ) throws(JSONError) -> Int {
        guard scanner.maximumDepth > 0 else { throw .tooDeep(start) }
        var remaining = maximumBatchCount
        var index = unsafe scanner.skipBlanks(at: start &+ 1)
        guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
        if unsafe scanner.base[index] == 0x5D { return index &+ 1 }
        while true {
            guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
            guard remaining > 0 else { throw .trailing(index) }
            remaining &-= 1
            if unsafe scanner.base[index] == 0x7B {
                let packet: Packet
                (packet, index) = try unsafe scanObject(scanner, at: index, depth: 2)
                packets.append(packet)
            } else {
                index = try unsafe scanner.skipValue(at: index, depth: 1)
                packets.append(Packet(kind: .raw))
            }
            index = unsafe scanner.skipBlanks(at: index)
            guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
            let byte = unsafe scanner.base[index]
            if byte == 0x5D { return index &+ 1 }
            guard byte == 0x2C else { throw .invalid(index) }
            index = unsafe scanner.skipBlanks(at: index &+ 1)
        }
    }

    /// The packet of the object at `start`, which is container number `depth`, and the index behind it.
    @inline(always)
    private func scanObject(
        _ scanner: borrowing UnsafeJSONScanner,
        at start: Int,
        depth: Int
    ) throws(JSONError) -> (Packet, Int) {
        guard depth <= scanner.maximumDepth else { throw .tooDeep(start) }
        var shape = PacketShape()
        var index = unsafe scanner.skipBlanks(at: start &+ 1)
        guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
        if unsafe scanner.base[index] == 0x7D { return (Packet(kind: .raw), index &+ 1) }
        while true {
            guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
            guard unsafe scanner.base[index] == 0x22 else { throw .invalid(index) }
            let nameStart = index &+ 1
            var nameHasEscapes = false
            let nameEnd = try unsafe scanner.closingQuote(from: nameStart, hasEscapes: &nameHasEscapes)
            let valueStart = try unsafe scanner.skipColon(at: nameEnd &+ 1)
            guard valueStart < scanner.count else { throw .unexpectedEnd(scanner.count) }
            let first = unsafe scanner.base[valueStart]
            var valueHasEscapes = false
            if first == 0x22 {
                index = try unsafe scanner.closingQuote(from: valueStart &+ 1, hasEscapes: &valueHasEscapes) &+ 1
            } else {
                index = try unsafe scanner.skipValue(at: valueStart, depth: depth)
            }
            let name = unsafe PacketName(scanner.base, from: nameStart, to: nameEnd, hasEscapes: nameHasEscapes)
            shape.set(name, to: PacketSlot(valueStart, index), first: first, hasEscapes: valueHasEscapes)
            index = unsafe scanner.skipBlanks(at: index)
            guard index < scanner.count else { throw .unexpectedEnd(scanner.count) }
            let byte = unsafe scanner.base[index]
            if byte == 0x7D { return (shape.packet(identifiers), index &+ 1) }
            guard byte == 0x2C else { throw .invalid(index) }
            index = unsafe scanner.skipBlanks(at: index &+ 1)
        }
    }
}
