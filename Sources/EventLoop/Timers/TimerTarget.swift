/// Something a loop's timer can be set for. Confined to the loop that calls it.
open class TimerTarget {
    /// Creates a target with no timer set.
    public init() {}

    /// A timer set with ``EventLoop/schedule(_:tag:afterMilliseconds:)`` has come due.
    /// - Parameter tag: The tag given when the timer was set.
    open func timerFired(_ tag: UInt32) {}
}
