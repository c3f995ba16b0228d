/// Base64 with padding (RFC 4648 §4), as header fields have it.
enum Base64 {
    private static let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// How long the text for that many bytes is.
    static func length(of count: Int) -> Int {
        (count + 2) / 3 * 4
    }

    /// The text for bytes.
    static func text(_ bytes: [UInt8]) -> String {
        let length = length(of: bytes.count)
        return unsafe String(unsafeUninitializedCapacity: length) { output in
            unsafe bytes.withUnsafeBytes { unsafe write($0, into: UnsafeMutableRawBufferPointer(output)) }
            return length
        }
    }

    /// Writes the text for bytes into room for all of it.
    @unsafe
    static func write(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= length(of: bytes.count), "too little room")
        let alphabet = unsafe digits.utf8Start
        var start = 0
        var target = 0
        while start &+ 3 <= bytes.count {
            let group = unsafe UInt32(bytes[start]) << 16 | UInt32(bytes[start &+ 1]) << 8 | UInt32(bytes[start &+ 2])
            let digits =
                unsafe UInt32(alphabet[Int(group >> 18)]) | UInt32(alphabet[Int(group >> 12 & 63)]) << 8
                | UInt32(alphabet[Int(group >> 6 & 63)]) << 16 | UInt32(alphabet[Int(group & 63)]) << 24
            unsafe output.storeBytes(of: digits.littleEndian, toByteOffset: target, as: UInt32.self)
            start &+= 3
            target &+= 4
        }
        let count = bytes.count - start
        guard count > 0 else { return }
        let group = unsafe UInt32(bytes[start]) << 16 | (count == 2 ? UInt32(bytes[start + 1]) << 8 : 0)
        for digit in 0..<4 {
            let index = Int(group >> UInt32(18 - 6 * digit) & 0x3F)
            unsafe output[target + digit] = digit <= count ? alphabet[index] : UInt8(ascii: "=")
        }
    }
}
