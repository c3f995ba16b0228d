/// What a processor did since the system started, seconds.
public struct ProcessorTimes: Sendable, Equatable, Codable {
    /// Ran processes, or the kernel.
    public var busy: Double
    /// Had nothing to do.
    public var idle: Double
    /// Was taken away by the hypervisor.
    public var steal: Double

    /// Creates times.
    public init(busy: Double = 0, idle: Double = 0, steal: Double = 0) {
        self.busy = busy
        self.idle = idle
        self.steal = steal
    }

    /// What was added since an earlier reading.
    public static func - (later: Self, earlier: Self) -> Self {
        Self(busy: later.busy - earlier.busy, idle: later.idle - earlier.idle, steal: later.steal - earlier.steal)
    }

    /// Adds the times of another processor.
    public static func + (one: Self, other: Self) -> Self {
        Self(busy: one.busy + other.busy, idle: one.idle + other.idle, steal: one.steal + other.steal)
    }

    /// Everything together.
    public var total: Double { busy + idle + steal }
}
