import BenchmarkKit
import CBenchSupport

/// Reads every clock at the beginning and at the end of a measured span.
struct Meter {
    private let probe: ProcessProbe?
    private let began: UInt64
    private let server: Double
    private let serverLoops: Double
    private let client: UInt64
    private let processors: [Int: ProcessorTimes]

    /// Begins a span.
    init(_ probe: ProcessProbe?) {
        self.probe = probe
        processors = Self.processors()
        server = probe?.cpuSeconds() ?? 0
        serverLoops = probe?.cpuSeconds(ofThreadsNamed: "loop") ?? 0
        client = bench_cpu_nanoseconds()
        began = bench_now()
    }

    private static func processors() -> [Int: ProcessorTimes] {
        TextFile.read("/proc/stat").map(ProcParsers.processors) ?? [:]
    }

    /// Ends the span.
    /// - Parameter settle: whether to give the server a moment to finish what the operations left behind, such as closing
    ///   connections, before its time is read. The span's own length is taken before that.
    func end(settle: Bool = false) async -> RunResult {
        var result = RunResult()
        result.seconds = Double(bench_now() - began) / 1_000_000_000
        result.clientCPU = Double(bench_cpu_nanoseconds() - client) / 1_000_000_000
        if settle { try? await Task.sleep(for: .milliseconds(150)) }
        if let probe {
            result.serverCPU = probe.cpuSeconds() - server
            let loops = probe.cpuSeconds(ofThreadsNamed: "loop") - serverLoops
            if loops > 0 { result.extra["server loops' CPU seconds"] = loops }
            if let memory = probe.memory() {
                result.resident = memory.resident
                result.proportional = memory.proportional
            }
        }
        let spent = Self.processors().reduce(into: ProcessorTimes()) { sum, entry in
            sum = sum + (entry.value - (processors[entry.key] ?? entry.value))
        }
        if spent.total > 0 {
            result.steal = spent.steal / spent.total
            // Without the server's process its time is not known from that of others.
            if let server = result.serverCPU {
                result.others = max(0, spent.busy - result.clientCPU - server) / spent.total
            }
        }
        return result
    }
}
