/// Where a connection stands.
@usableFromInline
@frozen
struct ConnectionFlags: OptionSet, Sendable {
    @usableFromInline let rawValue: UInt16

    @inlinable
    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Output is accepted.
    @inlinable static var open: Self { Self(rawValue: 1 << 0) }
    /// In the loop's list of connections to flush.
    @inlinable static var dirty: Self { Self(rawValue: 1 << 1) }
    /// Input is delivered.
    static var reading: Self { Self(rawValue: 1 << 2) }
    /// The rest of a write waits for the kernel.
    static var writing: Self { Self(rawValue: 1 << 3) }
    /// `close()` was called.
    static var closing: Self { Self(rawValue: 1 << 4) }
    /// The output was shut down.
    static var outputShut: Self { Self(rawValue: 1 << 5) }
    /// The handle is closing; only its last callback will come.
    static var dead: Self { Self(rawValue: 1 << 6) }
    /// The peer ended its side.
    static var peerEnded: Self { Self(rawValue: 1 << 7) }
    /// Buffered output is above the high-water mark, or has not fallen below the low one since.
    static var full: Self { Self(rawValue: 1 << 8) }
    /// The handler was told that the connection is not writable.
    static var reportedFull: Self { Self(rawValue: 1 << 9) }
    /// A connect is in flight.
    static var connecting: Self { Self(rawValue: 1 << 10) }
}
