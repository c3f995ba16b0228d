import Synchronization

/// Holds callers until it is opened, or until their task is cancelled.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let arrivals = AsyncStream<Void>.makeStream()
    private let counts = Mutex((arrived: 0, cancelled: 0))

    init() {
        (stream, continuation) = AsyncStream<Void>.makeStream()
    }

    /// Callers that came, and those of them whose task was cancelled while they waited.
    var arrived: Int { counts.withLock { $0.arrived } }
    var cancelled: Int { counts.withLock { $0.cancelled } }

    /// Waits for the gate to open. One caller at a time may wait.
    func wait() async throws {
        counts.withLock { $0.arrived += 1 }
        arrivals.continuation.yield()
        for await _ in stream { return }
        if Task.isCancelled {
            counts.withLock { $0.cancelled += 1 }
            arrivals.continuation.yield()
            throw CancellationError()
        }
    }

    /// Lets one caller pass.
    func open() {
        continuation.yield()
    }

    /// Waits until a caller has come or was cancelled, one event for each call.
    func event() async {
        for await _ in arrivals.stream { return }
    }
}
