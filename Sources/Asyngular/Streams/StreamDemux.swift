import Synchronization

/// The readers of one kind of event. Each reader gets every element emitted after it was made.
final class StreamDemux<Element: Sendable>: Sendable {
    private struct State {
        var consumers: [StreamConsumer<Element>] = []
        var isFinished = false
    }

    private let state = Mutex(State())

    /// A new reader. It takes itself out when the returned stream and its iterators are gone.
    func stream(bufferLimit: Int, onEmpty: (@Sendable () -> Void)? = nil) -> AGStream<Element> {
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

    var hasConsumers: Bool { state.withLock { !$0.consumers.isEmpty } }

    /// - Returns: how many readers took the element.
    @discardableResult
    func emit(_ element: Element) -> Int {
        let consumers = state.withLock { $0.consumers }
        var accepted = 0
        for consumer in consumers where consumer.offer(element) { accepted += 1 }
        return accepted
    }

    func finish() {
        let consumers = state.withLock { state in
            state.isFinished = true
            defer { state.consumers = [] }
            return state.consumers
        }
        for consumer in consumers { consumer.finish() }
    }

    /// - Returns: true if no reader is left.
    private func remove(_ consumer: StreamConsumer<Element>) -> Bool {
        state.withLock { state in
            state.consumers.removeAll { $0 === consumer }
            return state.consumers.isEmpty
        }
    }
}
