/// The moments at which an open loop's requests are due, whatever the server does meanwhile.
///
/// A latency counted from these moments is free of coordinated omission: a server that stalls makes every request wait that
/// was due during the stall, not only the one that met it.
public struct OpenLoopSchedule: Sendable, Equatable {
    /// Nanoseconds from one request to the next.
    public let interval: Double
    /// When the first is due, nanoseconds of the monotonic clock.
    public let start: UInt64
    /// How many were handed out.
    public private(set) var issued: UInt64 = 0

    /// Creates a schedule.
    /// - Parameters:
    ///   - rate: requests a second, above 0.
    ///   - start: when the first is due.
    public init(rate: Double, start: UInt64) {
        precondition(rate > 0, "a rate is above 0")
        interval = 1_000_000_000 / rate
        self.start = start
    }

    /// When the request of that number is due. Computed from the start, so that no rounding adds up.
    public func due(_ number: UInt64) -> UInt64 {
        start + UInt64(Double(number) * interval)
    }

    /// Takes the next request if it is due by now.
    /// - Parameter now: the present time.
    /// - Returns: when it was due, nil if it is not yet.
    public mutating func next(now: UInt64) -> UInt64? {
        let moment = due(issued)
        guard moment <= now else { return nil }
        issued += 1
        return moment
    }
}
