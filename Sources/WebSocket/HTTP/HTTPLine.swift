#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A line of a head.
enum HTTPLine {
    /// The length of the line that `bytes` begin with, LF included; nil if it does not end in them.
    @unsafe
    static func length(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, let end = unsafe memchr(base, 0x0A, bytes.count) else { return nil }
        return unsafe UnsafeRawPointer(end) - base + 1
    }
}
