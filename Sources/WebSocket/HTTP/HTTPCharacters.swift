/// Character classes of RFC 9110 and RFC 9112, as 128-bit sets: one shift and mask per byte.
enum HTTPCharacters {
    /// `tchar` (RFC 9110 §5.6.2): letters, digits and ``!#$%&'*+-.^_`|~``.
    static func isToken(_ byte: UInt8) -> Bool {
        // Bits 33, 35–39, 42, 43, 45, 46, 48–57 below; 65–90, 94–122, 124, 126 above.
        byte < 64
            ? (0x03FF_6CFA_0000_0000 as UInt64) >> UInt64(byte) & 1 != 0
            : byte < 128 && (0x57FF_FFFF_C7FF_FFFE as UInt64) >> UInt64(byte - 64) & 1 != 0
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
