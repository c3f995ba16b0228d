import JSONWebToken

/// Where a server's keys come from while it runs, such as a file that is rewritten (``AGKeyFileSource``) or an issuer's key
/// set at a URL (``JWKSKeySource``). Set as ``AGServerOptions/authKeySource``.
///
/// The server asks once for ``initialKeys()`` when it is made, and runs ``run(_:)`` as long as it listens. When `run` throws
/// it is run again, after a second at first and, as long as it goes on throwing, after at most a minute; the keys in force
/// stay. A source serves one server.
public protocol AGKeySource: Sendable {
    /// The keys to start with. Called once, when the server is made, on the thread that makes it.
    ///
    /// - Returns: nil if they are not known yet. The server then waits for the first keys of ``run(_:)`` before it listens,
    ///   at most 10 seconds, and until they come answers tokens with an error that lets clients keep theirs.
    /// - Throws: `KeyError`, which makes the server's initializer fail.
    func initialKeys() throws(KeyError) -> AGKeyRing?

    /// Hands over each change of the keys, until it is cancelled.
    ///
    /// - Throws: whatever keeps it from going on. It is logged by its type alone: report with
    ///   ``AGKeyUpdates/report(_:)`` what people should read.
    func run(_ updates: AGKeyUpdates) async throws

    /// Whether ``refresh(forUnknownKeyID:)`` may find keys that are not known yet. False by default.
    var isRefreshable: Bool { get }

    /// Looks for new keys because a token names one that is not known. Changes are handed to ``AGKeyUpdates/apply(_:)``
    /// before this returns.
    ///
    /// Any client can cause a call of this, as often as it likes: an implementation bounds what that costs.
    ///
    /// - Parameter keyID: the token's `kid`, which is not verified and at most 256 bytes long.
    func refresh(forUnknownKeyID keyID: String) async -> AGKeyRefreshOutcome
}

extension AGKeySource {
    /// No.
    public var isRefreshable: Bool { false }

    /// Nothing to find.
    public func refresh(forUnknownKeyID keyID: String) async -> AGKeyRefreshOutcome { .unchanged }
}

/// What became of the search for a key that a token names.
public enum AGKeyRefreshOutcome: Sendable, Hashable {
    /// The keys have changed: the token is verified again.
    case refreshed
    /// The keys are up to date and the key is none of them: the token is bad.
    case unchanged
    /// Nobody knows at the moment. Says nothing about the token, so the client keeps it.
    case unavailable
}
