/// The head of a piece of output: either memory of the loop's pool that follows the head, or a reference to shared bytes.
@usableFromInline
@frozen
@safe
struct OutputBlock {
    @usableFromInline var next: UnsafeMutablePointer<OutputBlock>?
    @usableFromInline var bytes: UnsafeMutableRawPointer
    /// Room from `bytes`, 0 if the bytes are shared.
    @usableFromInline var capacity: Int
    /// What is not sent yet: `start..<end`.
    @usableFromInline var start: Int
    @usableFromInline var end: Int
    var shared: Unmanaged<SharedBytes>?

    @usableFromInline
    init(bytes: UnsafeMutableRawPointer, capacity: Int) {
        unsafe self.next = nil
        unsafe self.bytes = bytes
        self.capacity = capacity
        self.start = 0
        self.end = 0
        unsafe self.shared = nil
    }
}
