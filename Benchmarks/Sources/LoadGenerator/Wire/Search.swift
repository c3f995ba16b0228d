import CBenchSupport

/// Finds what the load generator looks for in an answer.
enum Search {
    /// The offset behind the empty line that ends an HTTP head.
    @unsafe
    static func end(ofHeadIn bytes: UnsafeRawBufferPointer) -> Int? {
        unsafe offset(of: "\r\n\r\n", in: bytes).map { $0 + 4 }
    }

    /// Whether the status is 101.
    @unsafe
    static func isSwitchingProtocols(_ bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe bytes.count > 12 && bytes[9] == 0x31 && bytes[10] == 0x30 && bytes[11] == 0x31
    }

    /// Whether the text occurs.
    @unsafe
    static func contains(_ text: StaticString, in bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe offset(of: text, in: bytes) != nil
    }

    /// Where the text first occurs.
    @unsafe
    static func offset(of text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let start = unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
        let found = unsafe bench_find(base, bytes.count, start, text.utf8CodeUnitCount)
        return found < 0 ? nil : found
    }
}
