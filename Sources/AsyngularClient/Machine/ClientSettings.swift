import AsyngularSupport

/// What a machine is set up with, shared by all machines made with the same options.
final class ClientSettings: Sendable {
    let options: AGClientOptions
    /// Milliseconds since 1970; only renewals of tokens look at it.
    let wallClock: @Sendable () -> Int64

    init(_ options: AGClientOptions, wallClock: @escaping @Sendable () -> Int64 = { WallClock.milliseconds() }) {
        self.options = options
        self.wallClock = wallClock
    }
}
