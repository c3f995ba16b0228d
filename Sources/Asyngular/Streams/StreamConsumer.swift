import DequeModule
import Synchronization

/// One reader's end of a stream: a bounded buffer and at most one waiting reader.
///
/// The producer never waits. An element that finds the buffer full is refused, and the producer is told, so that it can
/// answer a request with an error instead of losing it silently.
final class StreamConsumer<Element: Sendable>: Sendable {
    @safe private struct State {
        var buffer: Deque<Element> = []
        var waiter: UnsafeContinuation<Element?, Never>?
        var isFinished = false
        var dropped: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Elements refused because the buffer was full.
    var dropped: UInt64 { state.withLock { $0.dropped } }

    /// - Returns: false if the buffer was full or the reader has gone.
    @discardableResult
    func offer(_ element: Element) -> Bool {
        let (accepted, waiter) = unsafe state.withLock { state -> (Bool, UnsafeContinuation<Element?, Never>?) in
            if state.isFinished { return (false, nil) }
            if let waiter = unsafe state.waiter {
                unsafe state.waiter = nil
                return unsafe (true, waiter)
            }
            guard state.buffer.count < limit else {
                state.dropped &+= 1
                return (false, nil)
            }
            state.buffer.append(element)
            return (true, nil)
        }
        unsafe waiter?.resume(returning: element)
        return accepted
    }

    /// Ends the stream. Buffered elements can still be read.
    func finish() {
        let waiter = unsafe state.withLock { state -> UnsafeContinuation<Element?, Never>? in
            state.isFinished = true
            let waiter = unsafe state.waiter
            unsafe state.waiter = nil
            return unsafe waiter
        }
        unsafe waiter?.resume(returning: nil)
    }

    func next(isolation: isolated (any Actor)?) async -> Element? {
        if let element = takeBuffered() { return element }
        return await withTaskCancellationHandler {
            await unsafe withUnsafeContinuation { continuation in
                let ready: Element?? = state.withLock { state in
                    if let element = state.buffer.popFirst() { return .some(element) }
                    // The flag is set before the cancellation handler runs, so one of the two sees the other.
                    if state.isFinished || Task.isCancelled || (unsafe state.waiter != nil) { return .some(nil) }
                    unsafe state.waiter = continuation
                    return .none
                }
                if let ready { unsafe continuation.resume(returning: ready) }
            }
        } onCancel: {
            cancelWaiter()
        }
    }

    private func cancelWaiter() {
        let waiter = unsafe state.withLock { state -> UnsafeContinuation<Element?, Never>? in
            let waiter = unsafe state.waiter
            unsafe state.waiter = nil
            return unsafe waiter
        }
        unsafe waiter?.resume(returning: nil)
    }

    private func takeBuffered() -> Element? {
        state.withLock { $0.buffer.popFirst() }
    }
}
