import Synchronization

/// The readers of one kind of event. Each reader gets every element emitted after it was made.
@usableFromInline
package final class StreamDemux<Element: Sendable>: Sendable {
    @usableFromInline
    struct State {
        @usableFromInline var consumers: [StreamConsumer<Element>]
        @usableFromInline var isFinished: Bool

        @inlinable
        init() {
            consumers = []
            isFinished = false
        }
    }

    @usableFromInline let state: Mutex<State>
    /// Whether there are readers; changed under the lock.
    @usableFromInline let isRead: Atomic<Bool>

    @inlinable
    package init() {
        state = Mutex(State())
        isRead = Atomic(false)
    }

    /// A new reader. It takes itself out when the returned stream and its iterators are gone.
    @inlinable
    package func stream(bufferLimit: Int, onEmpty: (@Sendable () -> Void)? = nil) -> AGStream<Element> {
        let consumer = StreamConsumer<Element>(limit: bufferLimit)
        let isFinished = state.withLock { state in
            guard !state.isFinished else { return true }
            state.consumers.append(consumer)
            isRead.store(true, ordering: .relaxed)
            return false
        }
        if isFinished { consumer.finish() }
        // Not weak: counting references to what is referred to weakly takes twice as long, and each element is a few.
        return AGStream(consumer: consumer) { [self] in
            if remove(consumer) { onEmpty?() }
        }
    }

    @inlinable package var hasConsumers: Bool { isRead.load(ordering: .relaxed) }

    /// - Returns: how many readers took the element.
    @discardableResult
    @inlinable
    package func emit(_ element: Element) -> Int {
        let (first, others) = state.withLock { state in
            (state.consumers.first, state.consumers.count > 1 ? state.consumers.dropFirst() : [])
        }
        guard let first else { return 0 }
        var accepted = first.offer(element) ? 1 : 0
        for consumer in others where consumer.offer(element) { accepted += 1 }
        return accepted
    }

    @inlinable
    package func finish() {
        let consumers = state.withLock { state in
            state.isFinished = true
            isRead.store(false, ordering: .relaxed)
            defer { state.consumers = [] }
            return state.consumers
        }
        for consumer in consumers { consumer.finish() }
    }

    /// - Returns: true if no reader is left.
    @inlinable
    func remove(_ consumer: StreamConsumer<Element>) -> Bool {
        state.withLock { state in
            state.consumers.removeAll { $0 === consumer }
            guard state.consumers.isEmpty else { return false }
            isRead.store(false, ordering: .relaxed)
            return true
        }
    }
}
