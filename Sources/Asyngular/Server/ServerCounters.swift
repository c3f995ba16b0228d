import Synchronization

/// What the server counts across its loops.
final class ServerCounters: Sendable {
    let clients = Atomic<Int>(0)
    let pending = Atomic<Int>(0)
}
