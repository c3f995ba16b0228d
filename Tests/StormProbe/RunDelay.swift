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
            guard count > 0 else { return 0 }
            // Time on a core, time waiting for one, number of slices.
            let fields = unsafe buffer[..<count].split(separator: 0x20)
            guard fields.count > 1 else { return 0 }
            return unsafe fields[1].reduce(0) { unsafe $0 &* 10 &+ UInt64($1 &- 0x30) }
        }
    }
}
