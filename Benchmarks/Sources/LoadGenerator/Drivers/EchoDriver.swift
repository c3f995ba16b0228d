import BenchmarkKit
import CBenchSupport
import EventLoop

/// Calls the procedure `echo` (or sends plain messages): in a closed loop with a number of calls in flight on each
/// connection, or in an open loop at a rate.
public final class EchoDriver: HoldingDriver, @unchecked Sendable {
    /// What is sent, and how.
    public struct Shape: Sendable {
        /// Connections of this driver.
        public var connections = 64
        /// Bytes of each call's data.
        public var size = 64
        /// Calls in flight on each connection, in a closed loop.
        public var depth = 1
        /// Calls a second over all connections; nil runs a closed loop.
        public var rate: Double?

        /// The default shape.
        public init() {}
    }

    let shape: Shape
    let echoes: EchoFrames
    @safe @exclusivity(unchecked) var answers = AnswerShape()
    @safe @exclusivity(unchecked) private(set) var isSending = false
    @safe @exclusivity(unchecked) private var schedule: OpenLoopSchedule?
    @safe @exclusivity(unchecked) private var next = 0
    private var connections: [EchoConnection] = []
    private var pacer: Pacer?

    /// Creates a driver.
    public init(loop: EventLoop, plan: LoadPlan, shape: Shape) {
        self.shape = shape
        // An open loop keeps up to the ring's length in flight, a closed one its depth.
        echoes = EchoFrames(
            size: shape.size,
            slots: shape.rate == nil ? max(shape.depth, 16) : shape.size > 4096 ? 64 : 256,
            plain: plan.target.dialect == .plain
        )
        super.init(loop: loop, plan: plan)
    }

    /// Opens the connections.
    public func prepare() async throws {
        try await hold(shape.connections) { index in EchoConnection(driver: self, index: index) }
        await onLoop { self.connections = self.held.compactMap { $0 as? EchoConnection } }
    }

    /// Begins to send.
    public func start() async {
        await onLoop {
            self.isSending = true
            if let rate = self.shape.rate {
                let interval = UInt64(1_000_000_000 / rate)
                self.schedule = OpenLoopSchedule(rate: rate, start: bench_now() + 1_000_000)
                self.pacer = Pacer.start(on: self.loop, intervalNanoseconds: interval) { self.tick() }
            } else {
                let now = bench_now()
                for connection in self.connections { connection.send(self.shape.depth, due: now) }
            }
        }
    }

    /// Stops sending, and counts the calls that are overdue with the time they have waited so far.
    public func stop() async {
        await onLoop {
            self.isSending = false
            self.pacer?.stop()
            self.pacer = nil
            guard self.shape.rate != nil else { return }
            let now = bench_now()
            for connection in self.connections { connection.eachOverdue { self.unanswered(due: $0, now: now) } }
        }
    }

    private func unanswered(due: UInt64, now: UInt64) {
        guard due >= measuringSince, now > due else { return }
        histogram.record(now - due)
    }

    private func tick() {
        let now = bench_now()
        while let due = schedule?.next(now: now) {
            guard !connections.isEmpty else { return }
            next = next + 1 < connections.count ? next + 1 : 0
            connections[next].enqueue(due: due)
        }
    }

    /// Calls were answered that were due at the same moment.
    @inline(__always)
    func answered(_ count: Int, due: UInt64, now: UInt64) {
        guard isMeasuring else { return }
        operations &+= UInt64(count)
        // A request that was due before the span began would bring the warm-up's waits in.
        if schedule == nil || due >= measuringSince { histogram.record(now &- due, count: count) }
    }

    override func connectionLost(_ connection: LoadConnection) {
        connections.removeAll { $0 === connection }
    }
}
