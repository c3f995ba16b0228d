/// The two forms of an ECDSA signature: JOSE's R and S in a row (RFC 7518 §3.4), and the DER `SEQUENCE` of two
/// `INTEGER`s that OpenSSL wants (RFC 3279 §2.2.3).
enum ECDSASignature {
    /// The longest half there is: a coordinate of P-521.
    static let maximumHalfLength = 66

    /// The most bytes ``encode(raw:into:)`` writes: a tag and a two-byte length, then twice a tag, a length, a zero byte
    /// for the sign and a half.
    static let maximumDERLength = 3 + 2 * (3 + maximumHalfLength)

    /// Writes R and S, of equal lengths, as DER.
    ///
    /// - Returns: the number of bytes written; `nil` when the length is odd or beyond P-521's, when R or S is zero, which
    ///   no signature has, or when `output` is too small.
    @unsafe
    static func encode(raw: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        let half = raw.count / 2
        guard raw.count == 2 * half, half > 0, half <= maximumHalfLength else { return nil }
        let r = unsafe UnsafeRawBufferPointer(rebasing: raw[..<half])
        let s = unsafe UnsafeRawBufferPointer(rebasing: raw[half...])
        guard let first = unsafe significant(r), let second = unsafe significant(s) else { return nil }
        let firstLength = unsafe integerLength(r, first)
        let secondLength = unsafe integerLength(s, second)
        let content = 2 + firstLength + 2 + secondLength
        let header = content < 0x80 ? 2 : 3
        guard output.count >= header + content else { return nil }
        unsafe output[0] = 0x30
        if header == 3 { unsafe output[1] = 0x81 }
        unsafe output[header - 1] = UInt8(content)
        var position = header
        unsafe write(r, first, firstLength, into: output, at: &position)
        unsafe write(s, second, secondLength, into: output, at: &position)
        return position
    }

    /// Writes a DER signature as R and S, each padded to half of `output`'s length.
    ///
    /// - Returns: false when it is not exactly one `SEQUENCE` of two positive `INTEGER`s that fit.
    @unsafe
    static func decode(der: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        let half = output.count / 2
        guard output.count == 2 * half, half > 0, half <= maximumHalfLength else { return false }
        guard der.count >= 2, unsafe der[0] == 0x30 else { return false }
        var position = 2
        var content = unsafe Int(der[1])
        if content == 0x81 {
            guard der.count >= 3, unsafe der[2] >= 0x80 else { return false }
            content = unsafe Int(der[2])
            position = 3
        } else if content >= 0x80 {
            return false
        }
        guard content == der.count - position else { return false }
        for index in 0..<2 {
            guard der.count - position >= 2, unsafe der[position] == 0x02 else { return false }
            let length = unsafe Int(der[position + 1])
            position += 2
            guard length > 0, length < 0x80, length <= der.count - position else { return false }
            let integer = unsafe UnsafeRawBufferPointer(rebasing: der[position..<position + length])
            position += length
            guard unsafe integer[0] < 0x80, let first = unsafe significant(integer) else { return false }
            // DER has at most the one zero that keeps a number positive.
            guard unsafe first == 0 || (first == 1 && integer[1] >= 0x80) else { return false }
            let count = length - first
            guard count <= half else { return false }
            let start = index * half
            for offset in 0..<half - count { unsafe output[start + offset] = 0 }
            for offset in 0..<count { unsafe output[start + half - count + offset] = integer[first + offset] }
        }
        return position == der.count
    }

    /// Where a number's first byte other than zero is; `nil` when it is zero.
    private static func significant(_ number: UnsafeRawBufferPointer) -> Int? {
        unsafe number.firstIndex { $0 != 0 }
    }

    private static func integerLength(_ number: UnsafeRawBufferPointer, _ first: Int) -> Int {
        unsafe number.count - first + (number[first] >= 0x80 ? 1 : 0)
    }

    private static func write(
        _ number: UnsafeRawBufferPointer,
        _ first: Int,
        _ length: Int,
        into output: UnsafeMutableBufferPointer<UInt8>,
        at position: inout Int
    ) {
        unsafe output[position] = 0x02
        unsafe output[position + 1] = UInt8(length)
        position += 2
        if length > number.count - first {
            unsafe output[position] = 0
            position += 1
        }
        for index in first..<number.count {
            unsafe output[position] = number[index]
            position += 1
        }
    }
}
