/// The bytes that a WebSocket of the loop is taking up: those being received, or held ones. One for all of the loop's,
/// empty in between.
@safe
struct InputWindow {
    let bytes: UnsafeMutableRawBufferPointer
    /// How far the parser has come.
    var position = 0

    init(_ bytes: UnsafeMutableRawBufferPointer) {
        unsafe self.bytes = bytes
    }

    @unsafe
    subscript(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
    }
}
