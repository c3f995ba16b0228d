#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The time of day. Tokens are judged by it; every deadline of the engine itself uses the loop's monotonic time.
package enum WallClock {
    /// Milliseconds since 1970.
    package static func milliseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Whole seconds since 1970.
    package static func seconds() -> Int64 {
        milliseconds() / 1000
    }
}
