import Synchronization

@testable import AsyngularClient

/// The events of a client, in one order, as lines of text.
final class EventTrace: Sendable {
    private struct Waiter {
        let id: Int
        let isSo: @Sendable ([String]) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var lines: [String] = []
        var waiters: [Waiter] = []
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    var lines: [String] { state.withLock { $0.lines } }

    func append(_ event: ClientEvent) {
        let line = MachineRig.line(event)
        let ready = state.withLock { state in
            state.lines.append(line)
            let lines = state.lines
            let ready = state.waiters.filter { $0.isSo(lines) }
            state.waiters.removeAll { waiter in ready.contains { $0.id == waiter.id } }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Forgets what there is, and answers with it.
    @discardableResult
    func take() -> [String] {
        state.withLock { state in
            defer { state.lines = [] }
            return state.lines
        }
    }

    /// Waits for so many lines with a beginning. Returns early if the task is cancelled, as a test's time limit does.
    func wait(for prefix: String, count: Int = 1) async {
        let isSo: @Sendable ([String]) -> Bool = { lines in
            lines.reduce(0) { $0 + ($1.hasPrefix(prefix) ? 1 : 0) } >= count
        }
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if Task.isCancelled || isSo(state.lines) { return true }
                    state.waiters.append(Waiter(id: id, isSo: isSo, continuation: continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                defer { state.waiters.removeAll { $0.id == id } }
                return state.waiters.first { $0.id == id }
            }
            waiter?.continuation.resume()
        }
    }
}
