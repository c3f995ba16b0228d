import CAllocationMeter

/// A small operation of the engine, to be done many times.
public struct MicroOperation: Sendable {
    /// Its name.
    public let name: String
    private let body: @Sendable (Int) -> UInt64

    /// Does it `count` times.
    /// - Returns: the heap allocations that the thread it runs on made meanwhile.
    public func run(_ count: Int) -> UInt64 { body(count) }

    /// An operation of the calling thread.
    init(_ name: String, _ body: @escaping @Sendable (Int) -> Void) {
        self.name = name
        self.body = { count in
            let before = allocation_meter_this_thread()
            body(count)
            return allocation_meter_this_thread() - before
        }
    }

    /// An operation that counts allocations itself, on a thread of its own.
    init(counted name: String, _ body: @escaping @Sendable (Int) -> UInt64) {
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
@inline(never)
func keep<Value>(_ value: Value) {}
