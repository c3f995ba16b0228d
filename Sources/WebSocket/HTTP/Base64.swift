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
        var target = 0
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for offset in 0..<3 { group = unsafe group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
            for digit in 0..<4 {
                let index = Int(group >> UInt32(18 - 6 * digit) & 0x3F)
                unsafe output[target] = digit <= count ? alphabet[index] : UInt8(ascii: "=")
                target += 1
            }
        }
    }
}
