/// Reads what a process uses.
public struct ProcessProbe: Sendable, Equatable {
    /// The process.
    public let pid: Int32

    /// A probe of that process.
    public init(pid: Int32) {
        self.pid = pid
    }

    /// Whether the process can be read.
    public var isPresent: Bool { TextFile.read("/proc/\(pid)/stat") != nil }

    /// Seconds its threads have run: from the threads' `schedstat`, which is exact but forgets threads that ended, or
    /// `stat`, which counts ticks, whichever is more.
    public func cpuSeconds() -> Double {
        var nanoseconds: UInt64 = 0
        for task in TextFile.names(in: "/proc/\(pid)/task") {
            nanoseconds += TextFile.read("/proc/\(pid)/task/\(task)/schedstat").flatMap(ProcParsers.schedstat) ?? 0
        }
        let exact = Double(nanoseconds) / 1_000_000_000
        let ticks = TextFile.read("/proc/\(pid)/stat").flatMap(ProcParsers.stat) ?? 0
        // A tick is 10 ms: only a clear excess means that a thread has gone.
        return ticks > exact + 0.05 ? ticks : exact
    }

    /// Seconds that the threads ran whose names begin so, now alive.
    public func cpuSeconds(ofThreadsNamed start: String) -> Double {
        var nanoseconds: UInt64 = 0
        for task in TextFile.names(in: "/proc/\(pid)/task") {
            guard TextFile.read("/proc/\(pid)/task/\(task)/comm")?.hasPrefix(start) == true else { continue }
            nanoseconds += TextFile.read("/proc/\(pid)/task/\(task)/schedstat").flatMap(ProcParsers.schedstat) ?? 0
        }
        return Double(nanoseconds) / 1_000_000_000
    }

    /// Resident and proportional memory, bytes.
    public func memory() -> (resident: UInt64, proportional: UInt64)? {
        guard let text = TextFile.read("/proc/\(pid)/smaps_rollup"),
            let resident = ProcParsers.kibibytes("Rss", in: text),
            let proportional = ProcParsers.kibibytes("Pss", in: text)
        else { return nil }
        return (resident, proportional)
    }
}
