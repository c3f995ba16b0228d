/// Byte offsets of one header field's name and value in a head.
struct HTTPFieldRange: Sendable {
    var nameStart: UInt32
    var nameEnd: UInt32
    var valueStart: UInt32
    var valueEnd: UInt32

    var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}

extension HTTPFieldRange {
    /// Finds name and value in a line: `name ":" OWS value OWS` (RFC 9112 §5). nil if it is none, which includes a folded line
    /// and white space before the colon. Which characters the value has is not looked at: see ``isValid(in:)``.
    @unsafe
    init?(line: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        precondition(line.lowerBound >= 0 && line.upperBound <= bytes.count, "line outside the buffer")
        var nameEnd = line.lowerBound
        // Names are letters and hyphens, nearly all of them.
        while nameEnd &+ 8 <= line.upperBound {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: nameEnd, as: UInt64.self)
            let count = HTTPCharacters.lettersAtStart(of: UInt64(littleEndian: word))
            nameEnd &+= count
            if count < 8 { break }
        }
        while unsafe nameEnd < line.upperBound && HTTPCharacters.isToken(bytes[nameEnd]) { nameEnd &+= 1 }
        guard nameEnd > line.lowerBound, nameEnd < line.upperBound, unsafe bytes[nameEnd] == UInt8(ascii: ":") else {
            return nil
        }
        var start = nameEnd &+ 1
        var end = line.upperBound
        while unsafe start < end && HTTPCharacters.isSpace(bytes[start]) { start &+= 1 }
        while unsafe end > start && HTTPCharacters.isSpace(bytes[end &- 1]) { end &-= 1 }
        self.init(
            nameStart: UInt32(line.lowerBound),
            nameEnd: UInt32(nameEnd),
            valueStart: UInt32(start),
            valueEnd: UInt32(end)
        )
    }

    /// Whether every byte of the value may stand in one.
    @unsafe
    func isValid(in bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe Self.isFieldValue(UnsafeRawBufferPointer(rebasing: bytes[value]))
    }

    /// Eight bytes at a time while there is neither a control nor DEL.
    @unsafe
    private static func isFieldValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var index = 0
        while index &+ 8 <= bytes.count {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let deletions = word ^ (ones &* 0x7F)
            // A byte below 0x20, or one that is zero here, borrows from its top bit.
            let found = ((word &- ones &* 0x20) & ~word) | ((deletions &- ones) & ~deletions)
            if found & tops != 0 { break }
            index &+= 8
        }
        while index < bytes.count {
            guard unsafe HTTPCharacters.isFieldValue(bytes[index]) else { return false }
            index &+= 1
        }
        return true
    }
}
