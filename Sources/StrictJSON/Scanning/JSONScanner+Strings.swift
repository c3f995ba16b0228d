extension JSONScanner {
    /// The string that the content of a JSON string stands for. `content` is what lies between the quotes and has been
    /// scanned; a lone surrogate and malformed UTF-8 become U+FFFD.
    public static func unescape(_ content: RawSpan) -> String {
        unsafe content.withUnsafeBytes { content in
            // Every escape is at least as long as what it stands for.
            unsafe String(unsafeUninitializedCapacity: content.count) { output in
                var written = 0
                unsafe unescape(content) { byte in
                    unsafe output[written] = byte
                    written &+= 1
                    return true
                }
                return written
            }
        }
    }

    /// Whether the content of a JSON string stands for exactly the bytes `wanted`.
    @usableFromInline
    static func unescaped(_ content: UnsafeRawBufferPointer, equals wanted: UnsafeRawBufferPointer) -> Bool {
        var matched = 0
        let completed = unsafe unescape(content) { byte in
            guard matched < wanted.count, unsafe wanted[matched] == byte else { return false }
            matched &+= 1
            return true
        }
        return completed && matched == wanted.count
    }

    /// Hands the decoded bytes to `emit` until it answers false; whether it never did.
    @inline(always)
    @discardableResult
    private static func unescape(_ content: UnsafeRawBufferPointer, emit: (UInt8) -> Bool) -> Bool {
        var index = 0
        while index < content.count {
            let byte = unsafe content[index]
            index &+= 1
            guard byte == 0x5C, index < content.count else {
                guard emit(byte) else { return false }
                continue
            }
            let kind = unsafe content[index]
            index &+= 1
            let plain: UInt8
            switch kind {
            case 0x62: plain = 0x08
            case 0x66: plain = 0x0C
            case 0x6E: plain = 0x0A
            case 0x72: plain = 0x0D
            case 0x74: plain = 0x09
            case 0x75:
                guard emitScalar(unsafe scalar(content, at: &index), emit) else { return false }
                continue
            default: plain = kind
            }
            guard emit(plain) else { return false }
        }
        return true
    }

    /// The scalar of a `\u` escape whose digits start at `index`, with the partner of a surrogate pair.
    private static func scalar(_ content: UnsafeRawBufferPointer, at index: inout Int) -> UInt32 {
        guard let first = unsafe codeUnit(content, at: index) else { return 0xFFFD }
        index &+= 4
        guard first & 0xF800 == 0xD800 else { return first }
        guard first < 0xDC00, index &+ 6 <= content.count, unsafe content[index] == 0x5C,
            unsafe content[index &+ 1] == 0x75, let second = unsafe codeUnit(content, at: index &+ 2),
            second & 0xFC00 == 0xDC00
        else { return 0xFFFD }
        index &+= 6
        return 0x10000 &+ (first & 0x3FF) << 10 &+ second & 0x3FF
    }

    private static func codeUnit(_ content: UnsafeRawBufferPointer, at index: Int) -> UInt32? {
        guard index &+ 4 <= content.count else { return nil }
        var value: UInt32 = 0
        for offset in index..<index &+ 4 {
            guard let digit = hexDigit(unsafe content[offset]) else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    @inline(always)
    private static func emitScalar(_ scalar: UInt32, _ emit: (UInt8) -> Bool) -> Bool {
        func trail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: scalar >> shift) & 0x3F | 0x80 }
        switch scalar {
        case 0..<0x80:
            return emit(UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            return emit(UInt8(truncatingIfNeeded: scalar >> 6) | 0xC0) && emit(trail(0))
        case 0x800..<0x10000:
            return emit(UInt8(truncatingIfNeeded: scalar >> 12) | 0xE0) && emit(trail(6)) && emit(trail(0))
        default:
            return emit(UInt8(truncatingIfNeeded: scalar >> 18) | 0xF0) && emit(trail(12)) && emit(trail(6))
                && emit(trail(0))
        }
    }

    /// The value of a hexadecimal digit in either case; nil for any other byte.
    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte &- 0x30)
        case 0x41...0x46: UInt32(byte &- 0x37)
        case 0x61...0x66: UInt32(byte &- 0x57)
        default: nil
        }
    }
}
