import Logging
import Synchronization

/// Runs a key source as long as the server listens.
final class KeySourceRunner: Sendable {
    /// Before the first restart, doubled with each up to ``maximumDelay``; applied keys start it over.
    static let firstDelay = Duration.seconds(1)
    static let maximumDelay = Duration.seconds(60)
    /// How long the first keys of a source without initial ones are waited for.
    static let startTimeout = Duration.seconds(10)

    private struct State {
        var task: Task<Void, Never>?
        var isStopped = false
        /// Set with the first keys or the first problem.
        var isSettled = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var delay = KeySourceRunner.firstDelay
        var lastProblem: String?
    }

    private let source: any AGKeySource
    private let replace: @Sendable (AGKeyRing) -> String?
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter replace: puts keys into force, or says why it does not.
    init(
        _ source: any AGKeySource,
        logger: Logger,
        replace: @escaping @Sendable (AGKeyRing) -> String?
    ) {
        self.source = source
        self.logger = logger
        self.replace = replace
    }

    func start() {
        state.withLock { state in
            guard state.task == nil, !state.isStopped else { return }
            state.task = Task { await self.run() }
        }
    }

    /// Cancels the source. What it still hands over is not applied.
    func stop() {
        let task = state.withLock { state in
            state.isStopped = true
            return state.task
        }
        task?.cancel()
        settle()
    }

    /// Waits for the first keys or the first problem, whichever comes first, at most ``startTimeout``.
    func waitForFirstKeys() async {
        let timer = Task {
            try? await Task.sleep(for: Self.startTimeout)
            settle()
        }
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if !state.isSettled { state.waiters.append(continuation) }
                return state.isSettled
            }
            if isSettled { continuation.resume() }
        }
        timer.cancel()
    }

    private func run() async {
        let updates = AGKeyUpdates(apply: { self.apply($0) }, report: { self.report($0) })
        while !Task.isCancelled {
            do {
                // Whoever returns has said all.
                return try await source.run(updates)
            } catch {
                guard !Task.isCancelled else { return }
                report("the source of the keys failed: \(type(of: error))")
            }
            let delay = state.withLock { state in
                defer { state.delay = min(state.delay * 2, Self.maximumDelay) }
                return state.delay
            }
            try? await Task.sleep(for: delay)
        }
    }

    private func apply(_ keys: AGKeyRing) -> Bool {
        guard !state.withLock({ $0.isStopped }) else { return false }
        if let problem = replace(keys) {
            report("new keys are not used: \(problem)")
            return false
        }
        state.withLock { state in
            state.delay = Self.firstDelay
            state.lastProblem = nil
        }
        logger.info("The auth keys were replaced", metadata: ["keys": "\(keys.verification.keys.count)"])
        settle()
        return true
    }

    private func report(_ problem: String) {
        let isNew = state.withLock { state in
            defer { state.lastProblem = problem }
            return state.lastProblem != problem && !state.isStopped
        }
        if isNew { logger.warning("Auth keys: \(problem)") }
        settle()
    }

    private func settle() {
        let waiters = state.withLock { state in
            state.isSettled = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
