import EventLoop
import Synchronization

/// A handler that reports to the test and does what the test says.
final class RecordingHandler: ConnectionHandler, @unchecked Sendable {
    enum Event: Sendable, Equatable {
        case connected
        case bytes([UInt8])
        case end
        case writable(Bool)
        case closed(ConnectionCloseReason)
        case timer(UInt32)
    }

    let events = EventQueue<Event>()
    var onConnected: ((Connection) -> Void)?
    var onReceive: ((Connection, inout MutableRawSpan) -> Void)?
    var onEnd: ((Connection) -> Void)?
    var onWritable: ((Connection, Bool) -> Void)?
    var onClosed: ((ConnectionCloseReason) -> Void)?
    /// Whether received bytes are recorded; off where there are many.
    var recordsBytes = true

    override func connected() {
        events.append(.connected)
        if let connection { onConnected?(connection) }
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        if recordsBytes { events.append(.bytes(bytes.copied())) }
        if let connection { onReceive?(connection, &bytes) }
    }

    override func receivedEnd() {
        events.append(.end)
        if let onEnd, let connection { onEnd(connection) } else { super.receivedEnd() }
    }

    override func writabilityChanged(_ isWritable: Bool) {
        events.append(.writable(isWritable))
        if let connection { onWritable?(connection, isWritable) }
    }

    override func closed(_ reason: ConnectionCloseReason) {
        events.append(.closed(reason))
        onClosed?(reason)
    }

    override func timerFired(_ tag: UInt32) {
        events.append(.timer(tag))
    }
}

extension MutableRawSpan {
    func copied() -> [UInt8] {
        bytes.copied()
    }
}

extension RawSpan {
    func copied() -> [UInt8] {
        unsafe withUnsafeBytes { unsafe Array($0) }
    }
}
