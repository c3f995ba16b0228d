import JSONWebToken
import Synchronization

/// The keys in force. Replacing them takes effect with the next token signed or verified.
final class KeyStore: Sendable {
    private struct State {
        var keys: AGKeyRing
        var version: UInt64 = 1
    }

    private let state: Mutex<State>
    /// The state's version, so that nobody takes the lock to learn that nothing has changed.
    private let version = Atomic<UInt64>(1)
    private let symmetric: Atomic<Bool>
    private let source: (any AGKeySource)?
    /// Whether a token whose key is not known is worth ``refresh(forUnknownKeyOf:)``.
    let isRefreshable: Bool

    init(_ keys: AGKeyRing, source: (any AGKeySource)? = nil) {
        state = Mutex(State(keys: keys))
        symmetric = Atomic(keys.isSymmetric)
        self.source = source
        isRefreshable = source?.isRefreshable ?? false
    }

    /// Changes all keys at once.
    func update<Result>(_ change: (inout sending AGKeyRing) -> sending Result) -> sending Result {
        state.withLock { state in
            let result = change(&state.keys)
            state.version += 1
            symmetric.store(state.keys.isSymmetric, ordering: .relaxed)
            version.store(state.version, ordering: .releasing)
            return result
        }
    }

    /// Signing and verifying keys that belong together.
    var current: AGKeyRing { state.withLock { $0.keys } }

    /// Whether every token is judged by a secret, which costs less than a hop to another thread.
    var isSymmetric: Bool { symmetric.load(ordering: .relaxed) }

    var signature: SigningKey? {
        get { state.withLock { $0.keys.signature } }
        set { update { $0.signature = newValue } }
    }

    var verification: KeySet {
        get { state.withLock { $0.keys.verification } }
        set { update { $0.verification = newValue } }
    }

    /// Asks the source of the keys for one that is not known. Only where ``isRefreshable``.
    ///
    /// - Returns: `.refreshed` when the token is worth verifying again, `.unchanged` when it is bad, and `.unavailable` when
    ///   nobody knows, so that the client has to keep it (`TokenError.unavailable`).
    func refresh(forUnknownKeyID keyID: String) async -> AGKeyRefreshOutcome {
        // Somebody else's token may have brought the key meanwhile.
        if verification.contains(keyID: keyID) { return .refreshed }
        return await source?.refresh(forUnknownKeyID: keyID) ?? .unchanged
    }

    /// The same by the token that failed with `unknownKeyID`. One without `kid` will find no key however often one asks.
    func refresh(forUnknownKeyOf token: [UInt8]) async -> AGKeyRefreshOutcome {
        guard let keyID = TokenInspector.keyID(token) else { return .unchanged }
        return await refresh(forUnknownKeyID: keyID)
    }

    /// A copy of the keys for one thread, taken anew only when they have changed.
    struct Reader {
        private let store: KeyStore
        private var keys: AGKeyRing
        private var version: UInt64

        init(_ store: KeyStore) {
            self.store = store
            (keys, version) = store.state.withLock { ($0.keys, $0.version) }
        }

        mutating func current() -> AGKeyRing {
            if store.version.load(ordering: .acquiring) != version {
                (keys, version) = store.state.withLock { ($0.keys, $0.version) }
            }
            return keys
        }
    }
}

extension AGKeyRing {
    fileprivate var isSymmetric: Bool { verification.keys.allSatisfy { $0.type == .secret } }
}
