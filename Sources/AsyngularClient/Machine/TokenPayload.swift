/// Reads the middle part of a signed token, as leniently as the stock client does: either base64 alphabet, padding or none.
enum TokenPayload {
    static func decode(_ token: String) -> [UInt8]? {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count > 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts[1].count * 3 / 4)
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for character in parts[1] {
            if character == UInt8(ascii: "=") { break }
            guard let digit = digit(character) else { return nil }
            word = word << 6 | digit
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> bits))
            }
        }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - 65)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - 71)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character + 4)
        case UInt8(ascii: "-"), UInt8(ascii: "+"): 62
        case UInt8(ascii: "_"), UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
