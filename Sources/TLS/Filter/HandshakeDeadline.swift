import EventLoop

/// Waits on behalf of a filter, which cancels it before it goes away.
final class HandshakeDeadline: TimerTarget {
    private unowned let filter: TLSFilter

    init(_ filter: TLSFilter) {
        self.filter = filter
    }

    override func timerFired(_ tag: UInt32) {
        filter.deadlinePassed()
    }
}
