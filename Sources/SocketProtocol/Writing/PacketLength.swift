import StrictJSON

/// Counts the bytes of a packet.
struct PacketLength: PacketSink {
    private(set) var count = 0

    @inline(always)
    mutating func put(_ text: StaticString) { count &+= text.utf8CodeUnitCount }

    @inline(always)
    mutating func put(bytes: RawSpan) { count &+= bytes.byteCount }

    mutating func put(escaping string: String) { count &+= JSONWriter.escapedLength(string) }

    mutating func put(integer: Int) {
        var magnitude = integer.magnitude
        count &+= integer < 0 ? 2 : 1
        while magnitude >= 10 {
            count &+= 1
            magnitude /= 10
        }
    }
}
