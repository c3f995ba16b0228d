import JSONWebToken

/// What an ``AGKeySource`` tells its server.
public struct AGKeyUpdates: Sendable {
    private let onKeys: @Sendable (AGKeyRing) -> Bool
    private let onProblem: @Sendable (String) -> Void

    init(
        apply: @escaping @Sendable (AGKeyRing) -> Bool,
        report: @escaping @Sendable (String) -> Void
    ) {
        onKeys = apply
        onProblem = report
    }

    /// Puts keys into force, from the next token on. No connection is disturbed by it.
    ///
    /// - Returns: false if they do not fit the server's options (see ``AGServer/replaceKeys(_:)``); that has been logged then,
    ///   and the keys in force stay.
    @discardableResult
    public func apply(_ keys: AGKeyRing) -> Bool { onKeys(keys) }

    /// Logs a problem as a warning: once, until another one is reported or new keys are applied.
    ///
    /// - Parameter problem: what people should know, without secrets.
    public func report(_ problem: String) { onProblem(problem) }
}
