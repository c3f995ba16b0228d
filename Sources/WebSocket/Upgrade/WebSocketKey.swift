/// A value of `Sec-WebSocket-Key`: 22 base64 digits and two paddings, which is 16 bytes (RFC 6455 §4.1).
///
/// Kept as the characters received, without an allocation.
public struct WebSocketKey: Sendable, Hashable, CustomStringConvertible {
    /// How many characters a key has.
    static let length = 24

    private let first: UInt64
    private let second: UInt64
    private let third: UInt64

    /// A key from its text; nil if it is none.
    public init?(_ text: String) {
        var text = text
        let key = text.withUTF8 { unsafe WebSocketKey(UnsafeRawBufferPointer($0)) }
        guard let key else { return nil }
        self = key
    }

    /// A key from the bytes of its text; nil if it is none.
    @unsafe
    init?(_ text: UnsafeRawBufferPointer) {
        guard text.count == Self.length, unsafe text[22] == UInt8(ascii: "="), unsafe text[23] == UInt8(ascii: "=")
        else { return nil }
        for index in 0..<22 where unsafe !HTTPCharacters.isBase64(text[index]) { return nil }
        unsafe first = text.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        unsafe second = text.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        unsafe third = text.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    }

    /// Writes the text.
    ///
    /// - Parameter output: room for ``length`` bytes.
    @unsafe
    func write(into output: UnsafeMutableRawPointer) {
        unsafe output.storeBytes(of: first, as: UInt64.self)
        unsafe output.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
        unsafe output.storeBytes(of: third, toByteOffset: 16, as: UInt64.self)
    }

    /// The text.
    public var description: String {
        unsafe String(unsafeUninitializedCapacity: Self.length) { output in
            guard let start = output.baseAddress else { return 0 }
            unsafe write(into: UnsafeMutableRawPointer(start))
            return Self.length
        }
    }
}
