/// Strict base64url without padding (RFC 4648 §5, RFC 7515 §2 and appendix C).
///
/// Decoding refuses padding, `+`, `/`, white space, a length of 1 modulo 4 and non-zero unused bits, so every byte
/// string has exactly one accepted text. Two texts for one signature would let a token change without becoming invalid.
public enum Base64URL {
    /// The number of characters that encode `count` bytes.
    @inlinable
    public static func encodedLength(_ count: Int) -> Int {
        (count / 3) * 4 + [0, 2, 3][count % 3]
    }

    /// The number of bytes that `count` characters decode to, or `nil` when no text has that length.
    @inlinable
    public static func decodedLength(_ count: Int) -> Int? {
        let rest = count & 3
        return rest == 1 ? nil : (count >> 2) * 3 + (rest == 0 ? 0 : rest - 1)
    }

    /// Encodes bytes as text.
    public static func encode(_ bytes: [UInt8]) -> String {
        unsafe String(unsafeUninitializedCapacity: encodedLength(bytes.count)) { output in
            unsafe bytes.withUnsafeBytes { input in
                unsafe encode(input, into: UnsafeMutableRawPointer(output.baseAddress!))
            }
        }
    }

    /// Decodes text, or returns `nil` when it is not strict base64url.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let source = Array(text)
        guard let count = decodedLength(source.count) else { return nil }
        var isValid = true
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            unsafe source.withUnsafeBytes { input in
                guard let base = output.baseAddress else { return }
                if let written = unsafe decode(input, into: UnsafeMutableRawPointer(base)) {
                    initialized = written
                } else {
                    isValid = false
                }
            }
        }
        return isValid ? bytes : nil
    }

    /// Encodes into a buffer that holds at least ``encodedLength(_:)`` bytes; returns the number written.
    @unsafe
    static func encode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer) -> Int {
        let alphabet = unsafe Tables.shared.encode
        var read = 0
        var written = 0
        while read + 3 <= input.count {
            let group =
                unsafe UInt32(input[read]) << 16 | UInt32(input[read + 1]) << 8 | UInt32(input[read + 2])
            unsafe output.storeBytes(of: alphabet[Int(group >> 18)], toByteOffset: written, as: UInt8.self)
            unsafe output.storeBytes(of: alphabet[Int(group >> 12 & 63)], toByteOffset: written + 1, as: UInt8.self)
            unsafe output.storeBytes(of: alphabet[Int(group >> 6 & 63)], toByteOffset: written + 2, as: UInt8.self)
            unsafe output.storeBytes(of: alphabet[Int(group & 63)], toByteOffset: written + 3, as: UInt8.self)
            read += 3
            written += 4
        }
        let rest = input.count - read
        guard rest > 0 else { return written }
        let group = unsafe UInt32(input[read]) << 16 | (rest == 2 ? UInt32(input[read + 1]) << 8 : 0)
        unsafe output.storeBytes(of: alphabet[Int(group >> 18)], toByteOffset: written, as: UInt8.self)
        unsafe output.storeBytes(of: alphabet[Int(group >> 12 & 63)], toByteOffset: written + 1, as: UInt8.self)
        if rest == 2 {
            unsafe output.storeBytes(of: alphabet[Int(group >> 6 & 63)], toByteOffset: written + 2, as: UInt8.self)
        }
        return written + rest + 1
    }

    /// Decodes into a buffer that holds at least ``decodedLength(_:)`` bytes; returns the number written, or `nil`.
    ///
    /// The whole groups are decoded without a branch per character; a bad character sets the sign bit of `seen`, which
    /// is tested once at the end.
    @unsafe
    static func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer) -> Int? {
        guard let count = decodedLength(input.count) else { return nil }
        guard let source = input.baseAddress else { return 0 }
        let values = unsafe Tables.shared.decode
        let whole = input.count & ~3
        var seen: Int32 = 0
        var read = 0
        var written = 0
        while read < whole {
            let four = unsafe UInt32(littleEndian: source.loadUnaligned(fromByteOffset: read, as: UInt32.self))
            let a = unsafe Int32(values[Int(four & 255)])
            let b = unsafe Int32(values[Int(four >> 8 & 255)])
            let c = unsafe Int32(values[Int(four >> 16 & 255)])
            let d = unsafe Int32(values[Int(four >> 24)])
            seen |= a | b | c | d
            let group = UInt32(truncatingIfNeeded: a << 18 | b << 12 | c << 6 | d)
            unsafe output.storeBytes(
                of: UInt16(truncatingIfNeeded: group >> 16 | group & 0xFF00).littleEndian,
                toByteOffset: written,
                as: UInt16.self
            )
            unsafe output.storeBytes(of: UInt8(truncatingIfNeeded: group), toByteOffset: written + 2, as: UInt8.self)
            read += 4
            written += 3
        }
        guard read < input.count else { return seen < 0 ? nil : count }
        let a = unsafe Int32(values[Int(input[read])])
        let b = unsafe Int32(values[Int(input[read + 1])])
        seen |= a | b
        unsafe output.storeBytes(
            of: UInt8(truncatingIfNeeded: a << 2 | b >> 4),
            toByteOffset: written,
            as: UInt8.self
        )
        if input.count - read == 2 {
            return seen < 0 || b & 15 != 0 ? nil : count
        }
        let c = unsafe Int32(values[Int(input[read + 2])])
        seen |= c
        unsafe output.storeBytes(
            of: UInt8(truncatingIfNeeded: b << 4 | c >> 2),
            toByteOffset: written + 1,
            as: UInt8.self
        )
        return seen < 0 || c & 3 != 0 ? nil : count
    }

    /// The two look-up tables, made once per process and never freed.
    @safe
    private struct Tables: @unchecked Sendable {
        static let shared = Tables()

        /// 64 characters.
        let encode: UnsafePointer<UInt8>
        /// 256 values, -1 for characters outside the alphabet.
        let decode: UnsafePointer<Int8>

        private init() {
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
            let characters = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
            let values = UnsafeMutablePointer<Int8>.allocate(capacity: 256)
            unsafe values.initialize(repeating: -1, count: 256)
            for (value, character) in alphabet.enumerated() {
                unsafe (characters + value).initialize(to: character)
                unsafe values[Int(character)] = Int8(value)
            }
            unsafe encode = UnsafePointer(characters)
            unsafe decode = UnsafePointer(values)
        }
    }
}
