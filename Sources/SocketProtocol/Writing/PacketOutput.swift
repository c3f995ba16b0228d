import StrictJSON

/// Writes the bytes of a packet. Safe to use once made: every piece is checked against the room that is left. It must
/// not outlive the call that lent the memory.
@safe
struct PacketOutput: PacketSink {
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    private(set) var count = 0

    init(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress else { preconditionFailure("PacketWriter: no output") }
        unsafe self.base = base
        capacity = buffer.count
    }

    /// Reserves `length` bytes; where they start.
    @inline(always)
    private mutating func reserve(_ length: Int) -> UnsafeMutableRawPointer {
        precondition(length <= capacity &- count, "PacketWriter: output too small")
        defer { count &+= length }
        return unsafe base + count
    }

    @inline(always)
    mutating func put(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        unsafe reserve(length).copyMemory(from: text.utf8Start, byteCount: length)
    }

    @inline(always)
    mutating func put(bytes: RawSpan) {
        let target = unsafe reserve(bytes.byteCount)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe target.copyMemory(from: start, byteCount: source.count) }
        }
    }

    mutating func put(escaping string: String) {
        let rest = unsafe UnsafeMutableRawBufferPointer(start: base + count, count: capacity - count)
        count &+= unsafe JSONWriter.write(escaping: string, into: rest)
    }

    mutating func put(integer: Int) {
        var length = PacketLength()
        length.put(integer: integer)
        let target = unsafe reserve(length.count)
        var magnitude = integer.magnitude
        for position in stride(from: length.count - 1, through: integer < 0 ? 1 : 0, by: -1) {
            unsafe target.storeBytes(of: 0x30 &+ UInt8(magnitude % 10), toByteOffset: position, as: UInt8.self)
            magnitude /= 10
        }
        if integer < 0 { unsafe target.storeBytes(of: 0x2D, as: UInt8.self) }
    }
}
