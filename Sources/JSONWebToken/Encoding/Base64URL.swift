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

    /// Whether `text` is what `bytes` are encoded as; without making either.
    public static func isText(_ text: RawSpan, of bytes: RawSpan) -> Bool {
        guard text.byteCount == encodedLength(bytes.byteCount) else { return false }
        return unsafe text.withUnsafeBytes { text in
            unsafe bytes.withUnsafeBytes { unsafe isText(text, of: $0) }
        }
    }

    @unsafe
    private static func isText(_ text: UnsafeRawBufferPointer, of bytes: UnsafeRawBufferPointer) -> Bool {
        let alphabet = unsafe Tables.shared.encode
        var read = 0
        var place = 0
        while read &+ 3 <= bytes.count {
            let group = unsafe UInt32(bytes[read]) << 16 | UInt32(bytes[read &+ 1]) << 8 | UInt32(bytes[read &+ 2])
            let four =
                unsafe UInt32(alphabet[Int(group >> 18)]) | UInt32(alphabet[Int(group >> 12 & 63)]) << 8
                | UInt32(alphabet[Int(group >> 6 & 63)]) << 16 | UInt32(alphabet[Int(group & 63)]) << 24
            guard unsafe UInt32(littleEndian: text.loadUnaligned(fromByteOffset: place, as: UInt32.self)) == four else {
                return false
            }
            read &+= 3
            place &+= 4
        }
        let rest = bytes.count - read
        guard rest > 0 else { return true }
        return unsafe withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) { last in
            guard let output = last.baseAddress else { return false }
            let count = unsafe encode(UnsafeRawBufferPointer(rebasing: bytes[read...]), into: output)
            return unsafe text[place...].elementsEqual(last[..<count])
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
    /// Four look-ups give the three bytes of a group in place. A bad character sets a high bit, which is tested once at the
    /// end, so there is no branch per character.
    @unsafe
    package static func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer) -> Int? {
        guard let count = decodedLength(input.count) else { return nil }
        guard input.count > 0, let source = input.baseAddress else { return 0 }
        let bits = unsafe Tables.shared.decode
        var seen: UInt32 = 0
        var read = 0
        var written = 0
        // Four bytes are stored for three; the last group, which has no room for that, is left over.
        while read + 4 < input.count {
            let four = unsafe UInt32(littleEndian: source.loadUnaligned(fromByteOffset: read, as: UInt32.self))
            let group =
                unsafe bits[Int(four & 255)] | bits[256 + Int(four >> 8 & 255)]
                | bits[512 + Int(four >> 16 & 255)] | bits[768 + Int(four >> 24)]
            seen |= group
            unsafe output.storeBytes(of: group.littleEndian, toByteOffset: written, as: UInt32.self)
            read += 4
            written += 3
        }
        let rest = input.count - read
        var last = unsafe bits[Int(input[read])] | bits[256 + Int(input[read + 1])]
        if rest > 2 { last |= unsafe bits[512 + Int(input[read + 2])] }
        if rest > 3 { last |= unsafe bits[768 + Int(input[read + 3])] }
        // What lies above the bytes the group stands for are unused bits, which must be zero, and the mark of a fault.
        guard seen >> 24 == 0, last >> UInt32((rest - 1) * 8) == 0 else { return nil }
        for index in 0..<rest - 1 {
            unsafe output.storeBytes(
                of: UInt8(truncatingIfNeeded: last >> UInt32(index * 8)),
                toByteOffset: written + index,
                as: UInt8.self
            )
        }
        return count
    }

    /// The look-up tables, made once per process and never freed.
    @safe
    private struct Tables: @unchecked Sendable {
        static let shared = Tables()

        /// 64 characters.
        let encode: UnsafePointer<UInt8>
        /// For each of the four places in a group, 256 words with a character's bits where they belong in the group's
        /// bytes, the first byte lowest; the top bit for characters outside the alphabet.
        let decode: UnsafePointer<UInt32>

        private init() {
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
            let characters = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
            let bits = UnsafeMutablePointer<UInt32>.allocate(capacity: 1024)
            unsafe bits.initialize(repeating: 1 << 31, count: 1024)
            for (index, character) in alphabet.enumerated() {
                let value = UInt32(index)
                unsafe (characters + index).initialize(to: character)
                unsafe bits[Int(character)] = value << 2
                unsafe bits[256 + Int(character)] = value >> 4 | (value & 15) << 12
                unsafe bits[512 + Int(character)] = (value >> 2) << 8 | (value & 3) << 22
                unsafe bits[768 + Int(character)] = value << 16
            }
            unsafe encode = UnsafePointer(characters)
            unsafe decode = UnsafePointer(bits)
        }
    }
}
