import Synchronization

@testable import Asyngular

/// A time that passes when a test says so.
final class ManualClock: Sendable {
    private struct Sleeper {
        let id: Int
        let deadline: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Duration.zero
        var nextID = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var waiters: [(deadline: Duration, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var clock: KeyClock {
        KeyClock(now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep($0) })
    }

    func advance(_ seconds: Int) {
        let due = state.withLock { state in
            state.now += .seconds(seconds)
            let now = state.now
            let due = state.sleepers.filter { $0.deadline <= now }
            state.sleepers.removeAll { $0.deadline <= now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Waits until somebody sleeps until so many seconds from now.
    func waitForSleeper(_ seconds: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                let deadline = state.now + .seconds(seconds)
                if state.sleepers.contains(where: { $0.deadline == deadline }) { return true }
                state.waiters.append((deadline, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func sleep(_ duration: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isCancelled, waiters) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
                    guard state.cancelled.remove(id) == nil else { return (true, []) }
                    let deadline = state.now + duration
                    state.sleepers.append(Sleeper(id: id, deadline: deadline, continuation: continuation))
                    let waiters = state.waiters.filter { $0.deadline == deadline }
                    state.waiters.removeAll { $0.deadline == deadline }
                    return (false, waiters.map(\.continuation))
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                for waiter in waiters { waiter.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
