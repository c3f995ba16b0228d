/// The bytes that a WebSocket of a loop is taking up: those being received, or held ones. One for all of the loop's, empty in
/// between.
@safe
@usableFromInline
package struct InputWindow {
    @usableFromInline package let bytes: UnsafeMutableRawBufferPointer
    /// How far the parser has come.
    @usableFromInline package var position: Int

    @inlinable
    package init(_ bytes: UnsafeMutableRawBufferPointer) {
        unsafe self.bytes = bytes
        position = 0
    }

    @inlinable
    @unsafe
    package subscript(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
    }
}
