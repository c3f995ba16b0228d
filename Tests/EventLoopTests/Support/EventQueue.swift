import Synchronization

/// Carries what happens on a loop to the test, which awaits it.
final class EventQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var waiting: [CheckedContinuation<Element, Never>] = []
    }

    private let state = Mutex(State())

    func append(_ element: Element) {
        let waiting = state.withLock { state -> CheckedContinuation<Element, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.elements.append(element)
            return nil
        }
        waiting?.resume(returning: element)
    }

    /// The next element, in order; waits for it.
    func next() async -> Element {
        await withCheckedContinuation { continuation in
            let element = state.withLock { state -> Element? in
                guard !state.elements.isEmpty else {
                    state.waiting.append(continuation)
                    return nil
                }
                return state.elements.removeFirst()
            }
            if let element { continuation.resume(returning: element) }
        }
    }

    /// The first element from here on that satisfies a condition.
    func first(where isWanted: (Element) -> Bool) async -> Element {
        while true {
            let element = await next()
            if isWanted(element) { return element }
        }
    }

    /// What has arrived and was not taken.
    var remaining: [Element] {
        state.withLock { $0.elements }
    }
}
