/// Writes JSON as JavaScript's `JSON.stringify` does: no blanks, shortest numbers, only the escapes that are needed.
public enum JSONWriter {
    /// Appends `string` with its quotes.
    @inlinable
    public static func append(string: String, to output: inout [UInt8]) {
        output.append(0x22)
        append(escaping: string, to: &output)
        output.append(0x22)
    }

    /// Appends `string` escaped, without quotes.
    public static func append(escaping string: String, to output: inout [UInt8]) {
        var string = string
        string.withUTF8 { utf8 in
            var start = 0
            for index in 0..<utf8.count where unsafe escapeLength(utf8[index]) > 1 {
                unsafe output.append(contentsOf: utf8[start..<index])
                appendEscape(of: unsafe utf8[index], to: &output)
                start = index &+ 1
            }
            unsafe output.append(contentsOf: utf8[start...])
        }
    }

    /// Appends an integer in decimal.
    public static func append(integer: Int64, to output: inout [UInt8]) {
        var magnitude = integer.magnitude
        if integer < 0 { output.append(0x2D) }
        let start = output.count
        repeat {
            let (quotient, digit) = magnitude.quotientAndRemainder(dividingBy: 10)
            output.append(0x30 &+ UInt8(truncatingIfNeeded: digit))
            magnitude = quotient
        } while magnitude > 0
        output[start...].reverse()
    }

    /// The number of bytes of `string` once escaped, without quotes.
    public static func escapedLength(_ string: String) -> Int {
        var string = string
        return string.withUTF8 { utf8 in
            var length = 0
            for index in utf8.indices { length &+= escapeLength(unsafe utf8[index]) }
            return length
        }
    }

    /// Writes `string` escaped, without quotes, to the start of `output`, which must have room for
    /// ``escapedLength(_:)`` bytes; the number of bytes written.
    @unsafe
    public static func write(escaping string: String, into output: UnsafeMutableRawBufferPointer) -> Int {
        var string = string
        return string.withUTF8 { utf8 in
            var index = 0
            for position in utf8.indices {
                let byte = unsafe utf8[position]
                let length = escapeLength(byte)
                precondition(index &+ length <= output.count, "JSONWriter: output too small")
                if length == 1 {
                    unsafe output[index] = byte
                } else {
                    unsafe output[index] = 0x5C
                    unsafe output[index &+ 1] = length == 2 ? shortEscape(byte) : 0x75
                    if length == 6 {
                        unsafe output[index &+ 2] = 0x30
                        unsafe output[index &+ 3] = 0x30
                        unsafe output[index &+ 4] = hexDigit(byte >> 4)
                        unsafe output[index &+ 5] = hexDigit(byte & 0x0F)
                    }
                }
                index &+= length
            }
            return index
        }
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(0x5C)
        if escapeLength(byte) == 2 {
            output.append(shortEscape(byte))
        } else {
            output.append(0x75)
            output.append(0x30)
            output.append(0x30)
            output.append(hexDigit(byte >> 4))
            output.append(hexDigit(byte & 0x0F))
        }
    }

    /// How many bytes a byte of a string becomes: 1 as it is, 2 as `\n` and its like, 6 as `\u00XX`.
    @inline(always)
    private static func escapeLength(_ byte: UInt8) -> Int {
        if byte >= 0x20 { return byte == 0x22 || byte == 0x5C ? 2 : 1 }
        return byte >= 0x08 && byte <= 0x0D && byte != 0x0B ? 2 : 6
    }

    private static func shortEscape(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x08: 0x62
        case 0x09: 0x74
        case 0x0A: 0x6E
        case 0x0C: 0x66
        case 0x0D: 0x72
        default: byte
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 &+ nibble : 0x57 &+ nibble
    }
}
