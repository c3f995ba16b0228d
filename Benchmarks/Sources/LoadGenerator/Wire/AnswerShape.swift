/// What the answers to echo calls look like, learned from the first: they differ in nothing but the call number's digits.
struct AnswerShape {
    /// The whole message's length; 0 before the first answer.
    private(set) var length = 0
    /// Where the call number's digits begin; -1 if that is not in what is looked at.
    private(set) var digits = -1
    /// Bytes of a whole frame; 0 while answers cannot be told by their frames.
    private(set) var frame = 0
    /// Where the digits begin in the frame.
    private(set) var digitsInFrame = 0
    /// The frame's header as its first four bytes are in memory, and which bits of those belong to it.
    private var head: (bits: UInt32, mask: UInt32) = (0, 0)

    /// Whether the bytes of a frame, ``frame`` of them, are the answer to the call with that number.
    @unsafe
    @inline(__always)
    func isFrame(_ bytes: UnsafeRawPointer, expecting number: UInt64) -> Bool {
        let first = UInt32(littleEndian: unsafe bytes.loadUnaligned(as: UInt32.self))
        let found = UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: digitsInFrame, as: UInt64.self))
        return first & head.mask == head.bits && found == number
    }

    /// Whether a message answers the call of that slot.
    @unsafe
    @inline(__always)
    mutating func matches(
        _ bytes: UnsafeRawBufferPointer,
        length whole: Int,
        expecting number: UInt64,
        plain: Bool
    ) -> Bool {
        if whole == length {
            guard digits >= 0, digits &+ 8 <= bytes.count, let base = bytes.baseAddress else { return true }
            return unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: digits, as: UInt64.self)) == number
        }
        return unsafe learn(bytes, length: whole, expecting: number, plain: plain)
    }

    @unsafe
    @inline(never)
    private mutating func learn(
        _ bytes: UnsafeRawBufferPointer,
        length whole: Int,
        expecting number: UInt64,
        plain: Bool
    ) -> Bool {
        guard length == 0 else { return false }
        if plain {
            length = whole
            return true
        }
        guard unsafe !Search.contains("\"error\"", in: bytes) else { return false }
        if let found = unsafe Search.offset(of: "\"rid\":", in: bytes) {
            digits = found + 6
        } else if bytes.count == whole {
            return false
        }
        length = whole
        learnFrame()
        return unsafe matches(bytes, length: whole, expecting: number, plain: plain)
    }

    private mutating func learnFrame() {
        guard digits >= 0, digits + 8 <= length, length < 65_536 else { return }
        let isShort = length < 126
        let bytes = isShort ? [0x81, length] : [0x81, 126, length >> 8, length & 0xFF]
        head.mask = isShort ? 0xFFFF : 0xFFFF_FFFF
        head.bits = bytes.enumerated().reduce(0) { $0 | UInt32($1.element) << (8 * $1.offset) }
        frame = bytes.count + length
        digitsInFrame = bytes.count + digits
    }
}
