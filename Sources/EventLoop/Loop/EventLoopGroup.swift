import CEventLoop
import Synchronization

/// Several loops, one thread each.
public final class EventLoopGroup: Sendable {
    /// The loops.
    public let loops: [EventLoop]
    private let turn = Atomic<Int>(0)

    /// Processors this process may use.
    public static var processorCount: Int { Int(el_processor_count()) }

    /// Creates loops and starts their threads.
    /// - Parameters:
    ///   - count: How many; at least one. As many as the process may use processors by default.
    ///   - options: Settings of each. A number is appended to the name.
    /// - Throws: ``EventLoopError`` if the system has no descriptors, memory or threads left.
    public init(
        count: Int = EventLoopGroup.processorCount,
        options: EventLoop.Options = .init()
    ) throws(EventLoopError) {
        var loops: [EventLoop] = []
        for index in 0..<max(count, 1) {
            var options = options
            options.name += "-\(index)"
            if let cpu = options.cpu { options.cpu = cpu + index }
            do {
                loops.append(try EventLoop(options: options))
            } catch {
                let started = loops
                Task.detached { for loop in started { await loop.shutdown() } }
                throw error
            }
        }
        self.loops = loops
    }

    /// The loops in turn. From any thread.
    public func next() -> EventLoop {
        let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: index) % UInt(loops.count))]
    }

    /// Shuts every loop down; see ``EventLoop/shutdown()``.
    public func shutdown() async {
        for loop in loops { await loop.shutdown() }
    }
}
