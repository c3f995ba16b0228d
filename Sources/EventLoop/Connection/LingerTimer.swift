/// Waits on behalf of a closing connection, which cancels it before it goes away.
final class LingerTimer: TimerTarget {
    private unowned let connection: Connection
    /// What was unacknowledged when the timer was set, to see progress.
    var unacknowledged = 0
    var waited: UInt64 = 0

    init(_ connection: Connection) {
        self.connection = connection
    }

    override func timerFired(_ tag: UInt32) {
        connection.lingerExpired(self)
    }
}
