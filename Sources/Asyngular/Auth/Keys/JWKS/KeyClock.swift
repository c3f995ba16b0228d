/// The time as a key source sees it.
struct KeyClock: Sendable {
    /// Since some moment in the past.
    let now: @Sendable () -> Duration
    let sleep: @Sendable (Duration) async throws -> Void

    static let continuous: KeyClock = {
        let start = ContinuousClock.now
        return KeyClock(now: { ContinuousClock.now - start }, sleep: { try await Task.sleep(for: $0) })
    }()
}
