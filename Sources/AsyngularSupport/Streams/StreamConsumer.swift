import DequeModule
import Synchronization

/// One stream's buffer: bounded, and with any number of readers waiting at its end, who are served in turn.
///
/// The producer never waits. An element that finds the buffer full is refused, and the producer is told, so that it can
/// answer a request with an error instead of losing it silently.
@usableFromInline
package final class StreamConsumer<Element: Sendable>: Sendable {
    @safe
    @usableFromInline
    struct Waiter {
        @usableFromInline let id: UInt64
        @usableFromInline let continuation: UnsafeContinuation<Element?, Never>

        @inlinable
        init(id: UInt64, continuation: UnsafeContinuation<Element?, Never>) {
            self.id = id
            unsafe self.continuation = continuation
        }
    }

    @usableFromInline
    struct State {
        @usableFromInline var buffer: Deque<Element>
        @usableFromInline var waiters: Deque<Waiter>
        @usableFromInline var isFinished: Bool
        @usableFromInline var dropped: UInt64

        @inlinable
        init() {
            buffer = []
            waiters = []
            isFinished = false
            dropped = 0
        }
    }

    @usableFromInline let state: Mutex<State>
    @usableFromInline let limit: Int
    @usableFromInline let lastWaiter: Atomic<UInt64>

    @inlinable
    package init(limit: Int) {
        self.limit = limit
        state = Mutex(State())
        lastWaiter = Atomic(0)
    }

    /// Elements refused because the buffer was full.
    @inlinable package var dropped: UInt64 { state.withLock { $0.dropped } }

    /// Readers waiting for an element.
    @inlinable package var waiting: Int { state.withLock { $0.waiters.count } }

    /// - Returns: false if the buffer was full or the reader has gone.
    @discardableResult
    @inlinable
    package func offer(_ element: Element) -> Bool {
        let (accepted, waiter) = state.withLock { state -> (Bool, Waiter?) in
            if state.isFinished { return (false, nil) }
            if let waiter = state.waiters.popFirst() { return (true, waiter) }
            guard state.buffer.count < limit else {
                state.dropped &+= 1
                return (false, nil)
            }
            state.buffer.append(element)
            return (true, nil)
        }
        unsafe waiter?.continuation.resume(returning: element)
        return accepted
    }

    /// Ends the stream. Buffered elements can still be read.
    @inlinable
    package func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { unsafe waiter.continuation.resume(returning: nil) }
    }

    /// An element that is there already.
    @inlinable
    package func takeBuffered() -> Element? {
        state.withLock { $0.buffer.popFirst() }
    }

    /// The next element. Part of whoever calls it, so that an element that is there costs no asynchronous call.
    @inlinable
    @inline(__always)
    package func next(isolation: isolated (any Actor)?) async -> Element? {
        if let buffered = takeBuffered() { return buffered }
        return await wait(isolation: isolation)
    }

    /// The next element, which is probably not there yet.
    @inlinable
    package func wait(isolation: isolated (any Actor)?) async -> Element? {
        let id = lastWaiter.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await unsafe withUnsafeContinuation { continuation in
                let ready: Element?? = state.withLock { state in
                    if let element = state.buffer.popFirst() { return .some(element) }
                    // The flag is set before the cancellation handler runs, so one of the two sees the other.
                    if state.isFinished || Task.isCancelled { return .some(nil) }
                    unsafe state.waiters.append(Waiter(id: id, continuation: continuation))
                    return .none
                }
                if let ready { unsafe continuation.resume(returning: ready) }
            }
        } onCancel: {
            cancelWaiter(id)
        }
    }

    @inlinable
    func cancelWaiter(_ id: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        unsafe waiter?.continuation.resume(returning: nil)
    }
}
