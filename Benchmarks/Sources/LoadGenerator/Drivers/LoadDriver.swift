import BenchmarkKit
import CBenchSupport
import EventLoop
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What drives the connections of one loop. Confined to that loop but for its async methods.
public class LoadDriver: TimerTarget, @unchecked Sendable {
    /// A run that cannot go on.
    public struct Failure: Error, CustomStringConvertible {
        /// What happened.
        public let description: String
    }

    /// Failures after which a run is given up.
    static let maximumFailures = 200

    let loop: EventLoop
    let plan: LoadPlan
    /// Latencies of the measured span.
    @safe @exclusivity(unchecked) var histogram = LatencyHistogram()
    /// Operations of the measured span.
    @safe @exclusivity(unchecked) var operations: UInt64 = 0
    @safe @exclusivity(unchecked) var isMeasuring = false
    @safe @exclusivity(unchecked) var measuringSince: UInt64 = 0
    @safe @exclusivity(unchecked) var failures = 0
    @safe @exclusivity(unchecked) var firstFailure: String?
    @safe @exclusivity(unchecked) private var nextSource: UInt32 = 0
    private var waiter: CheckedContinuation<Void, Never>?
    private var deadline = TimerID.none

    init(loop: EventLoop, plan: LoadPlan) {
        self.loop = loop
        self.plan = plan
    }

    // MARK: Measuring, from any task

    /// Counts operations from now on.
    public func beginMeasuring() async {
        await onLoop {
            self.histogram = LatencyHistogram()
            self.operations = 0
            self.measuringSince = bench_now()
            self.isMeasuring = true
        }
    }

    /// Ends the measured span.
    public func endMeasuring() async {
        await onLoop { self.isMeasuring = false }
    }

    /// What was counted.
    public func outcome() async -> (operations: UInt64, failures: Int, histogram: LatencyHistogram) {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: (self.operations, self.failures, self.histogram)) }
        }
    }

    /// The first thing that went wrong.
    public func firstProblem() async -> String? {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: self.firstFailure) }
        }
    }

    func onLoop(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute {
                body()
                continuation.resume()
            }
        }
    }

    /// Runs `body` on the loop and waits until ``finishWaiting()``, or for `seconds`.
    /// - Returns: whether the end was told in time.
    func run(seconds: Double, _ body: @escaping @Sendable () -> Void) async -> Bool {
        let wasInTime = Mutex(true)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute {
                self.waiter = continuation
                let timer = Deadline {
                    wasInTime.withLock { $0 = false }
                    self.finishWaiting()
                }
                self.deadline = self.loop.schedule(timer, afterMilliseconds: UInt64(seconds * 1000))
                body()
            }
        }
        return wasInTime.withLock { $0 }
    }

    func finishWaiting() {
        guard let waiter else { return }
        self.waiter = nil
        loop.cancel(deadline)
        waiter.resume()
    }

    // MARK: Connections, on the loop

    static let connectionOptions: Connection.Options = {
        var options = Connection.Options()
        // Closed with a plain close(), as load tools do; the server sees an orderly end.
        options.lingerTimeoutMilliseconds = 0
        options.highWaterMark = 64 * 1024 * 1024
        options.outputLimit = 256 * 1024 * 1024
        return options
    }()

    func open(_ handler: LoadConnection) {
        let target = plan.target
        nextSource &+= 1
        let source = plan.sources > 0 ? 0x7F00_0001 &+ nextSource % UInt32(plan.sources) : 0
        let descriptor = bench_connect(target.address, target.port, source)
        guard descriptor >= 0 else {
            handler.phase = .done
            handler.failed("cannot connect: \(Self.name(ofError: -descriptor))")
            return
        }
        loop.adopt(descriptor, options: Self.connectionOptions, handler: handler)
    }

    func note(_ reason: String) {
        failures += 1
        if firstFailure == nil { firstFailure = reason }
    }

    static func name(ofError number: Int32) -> String {
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }
}

/// Calls a closure when its time has come.
final class Deadline: TimerTarget {
    private let body: () -> Void

    init(_ body: @escaping () -> Void) {
        self.body = body
    }

    override func timerFired(_ tag: UInt32) {
        body()
    }
}
