import BenchmarkKit
import EventLoop

/// Times of a run.
public struct RunTimes: Sendable {
    /// Seconds of load before anything is counted.
    public var warmup = 0.5
    /// Seconds that are counted.
    public var duration = 3.0

    /// The default times.
    public init() {}
}

/// The kinds of run, each from opening connections to a result.
public struct LoadRun: Sendable {
    /// Where load is made.
    public let site: LoadSite
    /// What connections have in common.
    public let plan: LoadPlan
    /// The server's process, if it is known.
    public let probe: ProcessProbe?

    /// A run against that server.
    public init(site: LoadSite, plan: LoadPlan, pid: Int32?) {
        self.site = site
        self.plan = plan
        probe = pid.map(ProcessProbe.init(pid:))
    }

    private func sleep(_ seconds: Double) async throws {
        try await Task.sleep(for: .seconds(seconds))
    }

    private func collect(_ drivers: [LoadDriver], into result: inout RunResult) async {
        var histogram = LatencyHistogram()
        for driver in drivers {
            let outcome = await driver.outcome()
            result.operations += outcome.operations
            result.errors += UInt64(outcome.failures)
            histogram.merge(outcome.histogram)
            if let problem = await driver.firstProblem() { result.warnings.append("first error: \(problem)") }
        }
        if histogram.count > 0 { result.latency = LatencySummary(histogram) }
        guard result.operations == 0, result.errors == 0 else { return }
        result.errors = 1
        result.warnings.append("nothing came back")
    }

    private func judge(_ result: inout RunResult, isRateFixed: Bool) {
        result.warnings += Judgement.warnings(
            result,
            clientProcessors: Double(min(site.loops.count, site.clientProcessors.nonzeroBitCount)),
            isShared: site.isShared,
            isRateFixed: isRateFixed
        )
    }

    /// Connections a second.
    /// - Parameters:
    ///   - count: connections that are counted.
    ///   - warmup: connections before those.
    ///   - shape: window or rate.
    public func connect(count: Int, warmup: Int, shape: StormDriver.Shape) async throws -> RunResult {
        let loops = site.loops
        let drivers = loops.enumerated().map { index, loop in
            StormDriver(loop: loop, plan: plan, shape: shape, tokenOffset: index, tokenStride: loops.count)
        }
        try await storm(drivers, warmup)
        for driver in drivers { await driver.beginMeasuring() }
        let meter = Meter(probe)
        try await storm(drivers, count)
        var result = await meter.end(settle: true)
        await collect(drivers, into: &result)
        if let rate = shape.rate { result.extra["rate asked for"] = rate }
        judge(&result, isRateFixed: shape.rate != nil)
        return result
    }

    private func storm(_ drivers: [StormDriver], _ count: Int) async throws {
        guard count > 0 else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, driver) in drivers.enumerated() {
                let share = site.share(count, index)
                group.addTask { try await driver.run(count: share) }
            }
            try await group.waitForAll()
        }
    }

    /// Calls a second.
    public func echo(_ shape: EchoDriver.Shape, times: RunTimes) async throws -> RunResult {
        let drivers = site.loops.enumerated().map { index, loop in
            var share = shape
            share.connections = site.share(shape.connections, index)
            share.rate = shape.rate.map { $0 / Double(site.loops.count) }
            return EchoDriver(loop: loop, plan: plan, shape: share)
        }
        for driver in drivers { try await driver.prepare() }
        for driver in drivers { await driver.start() }
        try await sleep(times.warmup)
        for driver in drivers { await driver.beginMeasuring() }
        let meter = Meter(probe)
        try await sleep(times.duration)
        for driver in drivers {
            await driver.stop()
            await driver.endMeasuring()
        }
        var result = await meter.end()
        await collect(drivers, into: &result)
        if let rate = shape.rate { result.extra["rate asked for"] = rate }
        for driver in drivers { await driver.close() }
        judge(&result, isRateFixed: shape.rate != nil)
        return result
    }

    /// Deliveries a second. On one loop.
    public func fanout(_ shape: FanoutDriver.Shape, times: RunTimes) async throws -> RunResult {
        let driver = FanoutDriver(loop: site.loops[0], plan: plan, shape: shape)
        try await driver.prepare()
        await driver.start()
        try await sleep(times.warmup)
        await driver.beginMeasuring()
        let meter = Meter(probe)
        try await sleep(times.duration)
        await driver.endMeasuring()
        var result = await meter.end()
        await driver.stop()
        await collect([driver], into: &result)
        await driver.close()
        judge(&result, isRateFixed: false)
        return result
    }

    /// Connections of an idle run that are open before the memory is first read.
    static let idleWarmup = 64

    /// Memory of connections that do nothing: bytes each, from the process's proportional memory.
    ///
    /// It is first read with ``idleWarmup`` connections open that stay and are not counted. The first connections make a process
    /// touch code, tables and pools, about a megabyte, which no later one takes again; and had they been closed, the counted ones
    /// would live in part in the memory of those.
    public func idle(count: Int, hold seconds: Double) async throws -> RunResult {
        let driver = IdleDriver(loop: site.loops[0], plan: plan)
        try await driver.prepare(Self.idleWarmup)
        try await sleep(min(seconds, 0.5))
        guard let probe, let before = probe.memory() else {
            await driver.close()
            throw LoadDriver.Failure(description: "the memory of the server's process cannot be read (--pid)")
        }
        let meter = Meter(probe)
        try await driver.prepare(count)
        try await sleep(seconds)
        var result = await meter.end()
        let after = probe.memory() ?? before
        result.operations = UInt64(max(await driver.heldCount() - Self.idleWarmup, 0))
        result.errors = UInt64(await driver.outcome().failures)
        result.extra["bytes per connection"] = Self.difference(after.proportional, before.proportional) / Double(count)
        result.extra["resident bytes per connection"] = Self.difference(after.resident, before.resident) / Double(count)
        await driver.close()
        judge(&result, isRateFixed: true)
        return result
    }

    private static func difference(_ after: UInt64, _ before: UInt64) -> Double { Double(after) - Double(before) }

    /// Established connections that echo at a rate, calm at first and then beside a storm of handshakes. The result is the
    /// storm's; what the established ones met is among its further figures.
    public func mixed(
        _ shape: EchoDriver.Shape,
        storm: StormDriver.Shape,
        stormPlan: LoadPlan,
        times: RunTimes
    ) async throws -> RunResult {
        let echo = EchoDriver(loop: site.loops[0], plan: plan, shape: shape)
        try await echo.prepare()
        await echo.start()
        try await sleep(times.warmup)
        await echo.beginMeasuring()
        try await sleep(times.duration)
        let calm = LatencySummary(await echo.outcome().histogram)
        let driver = StormDriver(loop: site.loops[0], plan: stormPlan, shape: storm)
        let count = storm.rate.map { Int($0 * times.duration) } ?? max(stormPlan.tokens.count, 2000)
        await driver.beginMeasuring()
        await echo.beginMeasuring()
        let meter = Meter(probe)
        try await driver.run(count: count)
        await echo.stop()
        var result = await meter.end(settle: true)
        let busy = LatencySummary(await echo.outcome().histogram)
        await collect([driver], into: &result)
        for (name, summary) in [("calm", calm), ("storm", busy)] {
            result.extra["echo p50 µs, \(name)"] = summary.p50
            result.extra["echo p99 µs, \(name)"] = summary.p99
            result.extra["echo p99.9 µs, \(name)"] = summary.p999
        }
        if let rate = storm.rate { result.extra["rate asked for"] = rate }
        let lost = await echo.outcome().failures
        if lost > 0 { result.warnings.append("\(lost) established connections were lost") }
        result.extra["established connections lost"] = Double(lost)
        await echo.close()
        judge(&result, isRateFixed: true)
        return result
    }
}
