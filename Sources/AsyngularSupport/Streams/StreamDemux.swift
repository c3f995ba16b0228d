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

    @inlinable
    package init() {
        state = Mutex(State())
    }

    /// A new reader. It takes itself out when the returned stream and its iterators are gone.
    @inlinable
    package func stream(bufferLimit: Int, onEmpty: (@Sendable () -> Void)? = nil) -> AGStream<Element> {
        let consumer = StreamConsumer<Element>(limit: bufferLimit)
        let isFinished = state.withLock { state in
            if !state.isFinished { state.consumers.append(consumer) }
            return state.isFinished
        }
        if isFinished { consumer.finish() }
        return AGStream(consumer: consumer) { [weak self] in
            guard let self, self.remove(consumer) else { return }
            onEmpty?()
        }
    }

    @inlinable package var hasConsumers: Bool { state.withLock { !$0.consumers.isEmpty } }

    /// - Returns: how many readers took the element.
    @discardableResult
    @inlinable
    package func emit(_ element: Element) -> Int {
        let consumers = state.withLock { $0.consumers }
        var accepted = 0
        for consumer in consumers where consumer.offer(element) { accepted += 1 }
        return accepted
    }

    @inlinable
    package func finish() {
        let consumers = state.withLock { state in
            state.isFinished = true
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
            return state.consumers.isEmpty
        }
    }
}
