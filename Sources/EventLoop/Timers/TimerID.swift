/// Names one set timer of one loop. An identifier whose timer fired or was cancelled is stale and harmless.
public struct TimerID: Sendable, Hashable {
    let index: UInt32
    // Odd while the timer is set, so that the all-zero value never names one.
    @usableFromInline let generation: UInt32

    init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// Whether it ever named a timer.
    @inlinable var isNamed: Bool { generation != 0 }

    /// No timer.
    public static let none = TimerID(index: 0, generation: 0)
}
