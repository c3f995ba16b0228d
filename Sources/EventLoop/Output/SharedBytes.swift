/// An immutable run of bytes that many connections can send without copying it.
@safe
public final class SharedBytes: Sendable {
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer
    /// Bytes held.
    public let count: Int

    /// Copies an array.
    /// - Parameter bytes: The bytes to hold.
    public convenience init(_ bytes: [UInt8]) {
        unsafe self.init(unsafeUninitializedCapacity: bytes.count) { target in
            unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
            return bytes.count
        }
    }

    /// Lets a closure fill memory that is not initialised.
    /// - Parameters:
    ///   - capacity: Bytes to allocate.
    ///   - initializer: Writes the bytes from the start of the buffer and returns how many it wrote.
    public init(
        unsafeUninitializedCapacity capacity: Int,
        initializingWith initializer: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: max(capacity, 1), alignment: 16)
        let written = unsafe initializer(UnsafeMutableRawBufferPointer(start: base, count: capacity))
        precondition(written >= 0 && written <= capacity, "initialised more than the capacity")
        count = written
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Calls a closure with the bytes, which are valid during the call only.
    /// - Parameter body: Reads the bytes.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    // Valid as long as the object.
    var start: UnsafeMutableRawPointer { unsafe base }
}
