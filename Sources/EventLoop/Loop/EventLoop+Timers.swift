import CEventLoop

extension EventLoop {
    /// Sets a timer. Loop-confined, constant time, no allocation in the steady state.
    /// - Parameters:
    ///   - target: Called when the timer is due; retained until then or until the timer is cancelled.
    ///   - tag: Passed to the target.
    ///   - delay: Milliseconds from ``nowMilliseconds``. The timer fires never earlier, and up to 8 ms later when the loop
    ///     is idle.
    /// - Returns: A name for ``cancel(_:)``; ``TimerID/none`` once the loop has ended.
    @discardableResult
    public func schedule(_ target: TimerTarget, tag: UInt32 = 0, afterMilliseconds delay: UInt64) -> TimerID {
        assertInLoop()
        guard isUsable else { return .none }
        return wheel.schedule(
            target,
            tag: tag,
            afterMilliseconds: delay,
            nowMilliseconds: unsafe el_loop_now(raw)
        )
    }

    /// Cancels a timer. A timer that fired or was cancelled before is ignored. Loop-confined, constant time.
    /// - Parameter id: The timer to cancel.
    @inlinable
    public func cancel(_ id: TimerID) {
        // Most owners of a timer have none set when they go.
        if id.isNamed { cancelNamed(id) }
    }

    @usableFromInline
    func cancelNamed(_ id: TimerID) {
        assertInLoop()
        let target = wheel.cancel(id)
        // The target's deinit may use the wheel. Without this the optimiser releases it while the wheel is accessed.
        withExtendedLifetime(target) {}
    }

    func fireTimers() {
        armedWake = .max
        let now = unsafe el_loop_now(raw)
        while let due = wheel.popDue(nowMilliseconds: now) {
            counters.timersFired &+= 1
            due.target.timerFired(due.tag)
        }
    }

    /// Sets libuv's timer to the wheel's next occupied slot, if that is earlier than what it is set to. A timer cancelled
    /// in the meantime costs one idle wake-up.
    func armTimer() {
        guard let wake = wheel.nextWakeMilliseconds, wake < armedWake else { return }
        armedWake = wake
        let now = unsafe el_loop_now(raw)
        unsafe el_loop_arm_timer(raw, wake > now ? wake - now : 0)
    }
}
