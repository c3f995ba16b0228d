import JSONWebToken
import Synchronization

/// The keys in force. Replacing one takes effect with the next token signed or verified.
final class KeyStore: Sendable {
    struct Keys: Sendable {
        var signature: SigningKey
        var verification: KeySet {
            didSet { isSymmetric = verification.isSymmetric }
        }
        /// Whether every token is judged by a secret.
        private(set) var isSymmetric: Bool

        init(signature: SigningKey, verification: KeySet) {
            self.signature = signature
            self.verification = verification
            isSymmetric = verification.isSymmetric
        }
    }

    private let state: Mutex<Keys>

    init(_ keys: Keys) {
        state = Mutex(keys)
    }

    /// Changes both keys at once.
    func update<Result>(_ change: (inout sending Keys) -> sending Result) -> sending Result {
        state.withLock { change(&$0) }
    }

    /// Whether every token is judged by a secret, which costs less than a hop to another thread.
    var isSymmetric: Bool { state.withLock { $0.isSymmetric } }

    var signature: SigningKey {
        get { state.withLock { $0.signature } }
        set { state.withLock { $0.signature = newValue } }
    }

    var verification: KeySet {
        get { state.withLock { $0.verification } }
        set { state.withLock { $0.verification = newValue } }
    }
}

extension KeySet {
    fileprivate var isSymmetric: Bool { keys.allSatisfy { $0.type == .secret } }
}
