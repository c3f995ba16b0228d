import Benchmark
import MicroOperations

/// Counted by the program's own meter: the package is built without its allocator's interposer.
let allocations = BenchmarkMetric.custom("allocations", polarity: .prefersSmaller, useScalingFactor: true)

let benchmarks: @Sendable () -> Void = {
    unsafe Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, allocations],
        warmupIterations: 3,
        scalingFactor: .kilo,
        maxDuration: .seconds(1),
        maxIterations: 200
    )
    for operation in MicroOperation.all {
        let isSlow = operation.name.contains("verify") && !operation.name.contains("HS")
        var configuration = unsafe Benchmark.defaultConfiguration
        if isSlow { configuration.scalingFactor = .one }
        // A thread that runs beside the loop may find its queue grown or not.
        configuration.thresholds = [
            allocations: .init(relative: [.p90: 2], absolute: [:])
        ]
        // The tool writes the file of a threshold without the name's spaces, and reads it with them.
        let name = String(operation.name.map { $0 == " " ? "_" : $0 })
        Benchmark(name, configuration: configuration) { benchmark in
            let count = operation.run(benchmark.scaledIterations.count)
            benchmark.measurement(allocations, Int(count))
        }
    }
}
