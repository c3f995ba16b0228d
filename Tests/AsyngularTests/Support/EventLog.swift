import Synchronization

/// The events that a server and its sockets emitted, in order.
final class EventLog: Sendable {
    private struct State {
        var events: [(socketID: String, name: String)] = []
        var waiters: [Waiter] = []

        func count(of name: String) -> Int {
            events.reduce(0) { $1.name == name ? $0 + 1 : $0 }
        }
    }

    private struct Waiter {
        let name: String
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private let state = Mutex(State())

    var names: [String] { state.withLock { $0.events.map(\.name) } }

    func names(of socketID: String) -> [String] {
        state.withLock { state in state.events.filter { $0.socketID == socketID }.map(\.name) }
    }

    func append(socketID: String, _ name: String) {
        let done = state.withLock { state in
            state.events.append((socketID, name))
            let count = state.count(of: name)
            let done = state.waiters.filter { $0.name == name && $0.count <= count }
            state.waiters.removeAll { $0.name == name && $0.count <= count }
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }

    /// Returns early if the task is cancelled, as a test's time limit does.
    func wait(for name: String, count: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if Task.isCancelled || state.count(of: name) >= count { return true }
                    state.waiters.append(Waiter(name: name, count: count, continuation: continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.continuation.resume() }
        }
    }
}
