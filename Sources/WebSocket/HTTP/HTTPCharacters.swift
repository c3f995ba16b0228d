/// Character classes of RFC 9110 and RFC 9112, as 128-bit sets: one shift and mask per byte.
enum HTTPCharacters {
    /// `tchar` (RFC 9110 §5.6.2): letters, digits and ``!#$%&'*+-.^_`|~``.
    static func isToken(_ byte: UInt8) -> Bool {
        // Bits 33, 35–39, 42, 43, 45, 46, 48–57 below; 65–90, 94–122, 124, 126 above.
        byte < 64
            ? (0x03FF_6CFA_0000_0000 as UInt64) >> UInt64(byte) & 1 != 0
            : byte < 128 && (0x57FF_FFFF_C7FF_FFFE as UInt64) >> UInt64(byte - 64) & 1 != 0
    }

    /// How many of eight bytes, from the first, are ASCII letters or hyphens.
    ///
    /// - Parameter word: the bytes, the first one in the lowest place.
    static func lettersAtStart(of word: UInt64) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops = ones << 7
        // Seven bits of each byte: no sum below reaches the byte next to it.
        let small = (word | ones &* 0x20) & ~tops
        let isLetter = (small &+ ones &* 0x1F) & ~(small &+ ones &* 0x05)
        let isHyphen = ~(((word & ~tops) ^ ones &* 0x2D) &+ ones &* 0x7F)
        let others = ~((isLetter | isHyphen) & ~word) & tops
        return others == 0 ? 8 : others.trailingZeroBitCount >> 3
    }

    /// What a `Host` may hold (RFC 3986 §3.2.2, §3.2.3): `reg-name`, an address in brackets, a port.
    static func isHost(_ byte: UInt8) -> Bool {
        // Bits 33, 36–46, 48–59, 61 below; 65–91, 93, 95, 97–122, 126 above.
        byte < 64
            ? (0x2FFF_7FF2_0000_0000 as UInt64) >> UInt64(byte) & 1 != 0
            : byte < 128 && (0x47FF_FFFE_AFFF_FFFE as UInt64) >> UInt64(byte - 64) & 1 != 0
    }

    /// A digit of base64 (RFC 4648 §4).
    static func isBase64(_ byte: UInt8) -> Bool {
        // Bits 43, 47–57 below; 65–90, 97–122 above.
        byte < 64
            ? (0x03FF_8800_0000_0000 as UInt64) >> UInt64(byte) & 1 != 0
            : byte < 128 && (0x07FF_FFFE_07FF_FFFE as UInt64) >> UInt64(byte - 64) & 1 != 0
    }

    /// What a request target may hold (RFC 9112 §3.2): visible ASCII. A fragment is refused as browsers never send it.
    static func isTarget(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#")
    }

    /// What a field value may hold (RFC 9110 §5.5): visible characters, space, tab and `obs-text`.
    static func isFieldValue(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == 0x09
    }

    /// Optional white space (RFC 9110 §5.6.3).
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    /// An ASCII letter in lower case; any other byte as it is.
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// A decimal digit.
    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }
}
