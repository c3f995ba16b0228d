/// Counters of one loop since it started. Read on the loop.
public struct EventLoopStatistics: Sendable, Equatable {
    /// Times the loop polled.
    public internal(set) var turns: UInt64 = 0
    /// The longest time from the first callback of a turn to the next poll, since ``EventLoop/restartLongestTurn()``.
    public internal(set) var longestTurnNanoseconds: UInt64 = 0
    /// The most processor time that a turn took since ``EventLoop/restartLongestTurn()``; 0 until that is called. Where the time
    /// above is longer, the thread was not running.
    public internal(set) var longestTurnProcessorNanoseconds: UInt64 = 0
    /// Connections open or closing.
    public internal(set) var activeConnections = 0
    /// Connections accepted.
    public internal(set) var accepted: UInt64 = 0
    /// Connections closed right after they were accepted because the process was out of descriptors or memory.
    public internal(set) var refused: UInt64 = 0
    /// Reads that returned bytes.
    public internal(set) var reads: UInt64 = 0
    /// Reads that failed, resets by the peer included.
    public internal(set) var readErrors: UInt64 = 0
    /// Writes that failed.
    public internal(set) var writeErrors: UInt64 = 0
    /// Bytes received.
    public internal(set) var bytesIn: UInt64 = 0
    /// Bytes the kernel took.
    public internal(set) var bytesOut: UInt64 = 0
    /// Calls of `uv_try_write`, one system call each.
    public internal(set) var tryWriteCalls: UInt64 = 0
    /// Writes that had to wait because the kernel's buffer was full.
    public internal(set) var queuedWrites: UInt64 = 0
    /// Jobs and closures executed.
    public internal(set) var jobs: UInt64 = 0
    /// Wake-ups by other threads.
    public internal(set) var wakeUps: UInt64 = 0
    /// Timers fired.
    public internal(set) var timersFired: UInt64 = 0
    /// Output blocks checked out of the loop's pool; 0 when no connection has output.
    public internal(set) var blocksInUse = 0

    init() {}
}
