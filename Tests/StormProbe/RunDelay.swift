#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// How long the calling thread has waited for a core although it could run, as the kernel counts it.
///
/// The measuring client shares its core with the storm and the verification workers, and Linux lets them run on for up to a
/// tick of 4 ms. What the client waits then is not the server's doing.
///
/// Used by one thread, the one that makes it.
final class RunDelay {
    private let file = unsafe open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)

    deinit {
        if file >= 0 { close(file) }
    }

    /// Nanoseconds so far; 0 where the kernel does not count them.
    func nanoseconds() -> UInt64 {
        guard file >= 0 else { return 0 }
        return unsafe withUnsafeTemporaryAllocation(byteCount: 96, alignment: 1) { buffer in
            let count = unsafe pread(file, buffer.baseAddress, 96, 0)
            guard count > 0 else { return 0 as UInt64 }
            // Time on a core, time waiting for one, number of slices.
            var field = 0
            var value: UInt64 = 0
            for index in 0..<count {
                let byte = unsafe buffer[index]
                guard byte != 0x20 else {
                    if field == 1 { return value }
                    field += 1
                    value = 0
                    continue
                }
                value = value &* 10 &+ UInt64(byte &- 0x30)
            }
            return 0
        }
    }
}
