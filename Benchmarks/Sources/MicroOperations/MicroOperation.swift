import CAllocationMeter

/// A small operation of the engine, to be done many times.
public struct MicroOperation: Sendable {
    /// What is called right before and right after the repetitions, on the thread that does them.
    public struct Counter: Sendable {
        let begin: @Sendable () -> Void
        let end: @Sendable () -> Void

        /// Creates a counter.
        public init(begin: @escaping @Sendable () -> Void = {}, end: @escaping @Sendable () -> Void = {}) {
            self.begin = begin
            self.end = end
        }

        /// Counts `body` and gives the allocations of the calling thread meanwhile.
        func count(_ body: () -> Void) -> UInt64 {
            begin()
            let before = allocation_meter_this_thread()
            body()
            let allocations = allocation_meter_this_thread() - before
            end()
            return allocations
        }
    }

    /// Its name.
    public let name: String
    private let body: @Sendable (Int, Counter) -> UInt64

    /// Does it `count` times.
    /// - Returns: the heap allocations that the thread it runs on made meanwhile.
    public func run(_ count: Int, counter: Counter = Counter()) -> UInt64 { body(count, counter) }

    /// An operation of the calling thread.
    init(_ name: String, _ body: @escaping @Sendable (Int) -> Void) {
        self.name = name
        self.body = { count, counter in counter.count { body(count) } }
    }

    /// An operation that calls the counter itself, on a thread of its own.
    init(counted name: String, _ body: @escaping @Sendable (Int, Counter) -> UInt64) {
        self.name = name
        self.body = body
    }

    /// Every operation.
    public static let all: [MicroOperation] =
        FrameOperations.all + PacketOperations.all + TokenOperations.all + LoopOperations.all
        + ExchangeOperations.all
}

/// State of an operation that one thread at a time uses.
final class Confined<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) {
        self.value = value
    }
}

/// Keeps a result from being optimised away.
@_optimize(none)
func keep<Value>(_ value: Value) {}
