/// What the answers to echo calls look like, learned from the first: they differ in nothing but the call number's digits.
struct AnswerShape {
    /// The whole message's length; 0 before the first answer.
    private(set) var length = 0
    /// Where the call number's digits begin; -1 if that is not in what is looked at.
    private(set) var digits = -1

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
        return unsafe matches(bytes, length: whole, expecting: number, plain: plain)
    }
}
