import BenchmarkKit
import CBenchSupport
import EventLoop

/// Opens connections, completes their handshakes and closes them: as fast as a window of attempts allows, or at a rate.
public final class StormDriver: LoadDriver, @unchecked Sendable {
    /// How the storm is shaped.
    public struct Shape: Sendable {
        /// Attempts under way at once; with a rate the most that may be.
        public var window = 32
        /// Attempts a second; nil goes as fast as the window allows.
        public var rate: Double?

        /// The default shape.
        public init() {}
    }

    private let shape: Shape
    private let firstToken: Int
    private let tokenStride: Int
    private var total = 0
    @safe @exclusivity(unchecked) private var started = 0
    @safe @exclusivity(unchecked) private var finished = 0
    @safe @exclusivity(unchecked) private var underWay = 0
    @safe @exclusivity(unchecked) private var presented = 0
    @safe @exclusivity(unchecked) private var schedule: OpenLoopSchedule?
    private var pacer: Pacer?
    /// Attempts that were due and did not fit into the window.
    private var late: [UInt64] = []

    /// Creates a driver.
    /// - Parameters:
    ///   - tokenOffset: the first token to present.
    ///   - tokenStride: how many drivers share the tokens.
    public init(loop: EventLoop, plan: LoadPlan, shape: Shape, tokenOffset: Int = 0, tokenStride: Int = 1) {
        self.shape = shape
        firstToken = tokenOffset
        self.tokenStride = tokenStride
        super.init(loop: loop, plan: plan)
    }

    /// Opens connections until `count` are through. Tokens go on where the last call stopped.
    /// - Throws: ``LoadDriver/Failure`` if it takes longer than `seconds`, or nearly all fail.
    public func run(count: Int, within seconds: Double = 120) async throws {
        let isDone = await run(seconds: seconds) { self.begin(count) }
        if !isDone {
            await onLoop { self.stop() }
            throw Failure(
                description:
                    "only \(finished) of \(count) connections in \(Int(seconds)) s: \(firstFailure ?? "no answer")"
            )
        }
        if failures > Self.maximumFailures, let firstFailure { throw Failure(description: firstFailure) }
    }

    private func begin(_ count: Int) {
        total = count
        started = 0
        finished = 0
        late.removeAll(keepingCapacity: true)
        guard count > 0 else { return finishWaiting() }
        if let rate = shape.rate {
            schedule = OpenLoopSchedule(rate: rate, start: bench_now())
            pacer = Pacer.start(on: loop, intervalNanoseconds: UInt64(1_000_000_000 / rate)) { self.tick() }
        } else {
            while underWay < shape.window, started < total { start(due: bench_now()) }
        }
    }

    private func tick() {
        let now = bench_now()
        while started + late.count < total, let due = schedule?.next(now: now) {
            if underWay < shape.window { start(due: due) } else { late.append(due) }
        }
    }

    private func start(due: UInt64) {
        started += 1
        underWay += 1
        let token = firstToken + presented * tokenStride
        presented += 1
        let connection = StormConnection(driver: self, handshake: plan.handshake(token))
        connection.began = due
        open(connection)
    }

    fileprivate func through(_ connection: StormConnection) {
        if isMeasuring {
            operations &+= 1
            histogram.record(bench_now() &- connection.began)
        }
        connection.end()
        attemptEnded()
    }

    fileprivate func attemptFailed(_ reason: String) {
        note(reason)
        // From the loop's next turn: a server that refuses everything must not recurse.
        loop.execute { self.attemptEnded() }
    }

    private func attemptEnded() {
        underWay -= 1
        finished += 1
        if finished >= total || failures > Self.maximumFailures && failures > finished / 2 {
            stop()
            finishWaiting()
        } else if shape.rate != nil {
            if !late.isEmpty { start(due: late.removeFirst()) }
        } else if started < total {
            start(due: bench_now())
        }
    }

    private func stop() {
        total = 0
        pacer?.stop()
        pacer = nil
    }
}

private final class StormConnection: LoadConnection {
    @safe private unowned(unsafe) let driver: StormDriver

    init(driver: StormDriver, handshake: [UInt8]) {
        self.driver = driver
        super.init(
            frames: driver.plan.frames,
            handshake: handshake,
            expectsAuthentication: driver.plan.expectsAuthentication
        )
    }

    override func opened() {
        driver.through(self)
    }

    override func failed(_ reason: String) {
        driver.attemptFailed(reason)
    }
}
