import BenchmarkKit
import CBenchSupport
import EventLoop

/// Where load is made: the loops, their processors, and those of the servers.
public struct LoadSite: Sendable {
    /// The client's loops.
    public let loops: [EventLoop]
    /// The client's processors, as a mask.
    public let clientProcessors: UInt64
    /// The servers' processors, as a mask.
    public let serverProcessors: UInt64

    /// Pins this process and starts its loops. The first call of the process, before there are other threads.
    ///
    /// - Parameters:
    ///   - loops: how many.
    ///   - clientProcessors: their processors; nil takes the last one there is.
    ///   - serverProcessors: those of servers that are started; nil takes the first one there is.
    public init(loops count: Int, clientProcessors: [Int]?, serverProcessors: [Int]?) throws {
        let available = bench_affinity()
        let first = available & ~(available &- 1)
        let last: UInt64 = available == 0 ? 0 : 1 << UInt64(63 - available.leadingZeroBitCount)
        self.clientProcessors = clientProcessors.map(Self.mask) ?? last
        self.serverProcessors = serverProcessors.map(Self.mask) ?? first
        if self.clientProcessors != 0 { _ = bench_pin(self.clientProcessors) }
        _ = bench_raise_descriptor_limit()
        bench_tidy_up_at_exit()
        var options = EventLoop.Options()
        options.name = "load"
        loops = try EventLoopGroup(count: count, options: options).loops
    }

    /// Whether server and client have to share a processor.
    public var isShared: Bool { clientProcessors & serverProcessors != 0 && clientProcessors.nonzeroBitCount == 1 }

    /// A mask as text: `0,2`.
    public static func text(_ mask: UInt64) -> String {
        (0..<64).filter { mask >> UInt64($0) & 1 == 1 }.map(String.init).joined(separator: ",")
    }

    private static func mask(_ processors: [Int]) -> UInt64 {
        processors.filter { (0..<64).contains($0) }.reduce(0) { $0 | 1 << UInt64($1) }
    }

    /// Shares a number out over the loops.
    func share(_ count: Int, _ index: Int) -> Int {
        count / loops.count + (index < count % loops.count ? 1 : 0)
    }
}
