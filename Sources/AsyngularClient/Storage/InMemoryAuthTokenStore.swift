import Synchronization

/// Keeps tokens as long as the object lives. Clients that share it share their tokens.
public final class InMemoryAuthTokenStore: AuthTokenStore {
    private let tokens = Mutex<[String: String]>([:])
    private let maximumTokens: Int

    /// Creates an empty store.
    /// - Parameter maximumTokens: names kept; beyond, saving under a further one fails. 65,536 by default.
    public init(maximumTokens: Int = 65_536) {
        self.maximumTokens = maximumTokens
    }

    /// Stores a token.
    /// - Throws: ``AuthTokenStoreError`` with the code `full`.
    public func saveToken(_ token: String, name: String) async throws {
        try tokens.withLock { tokens in
            guard tokens.count < maximumTokens || tokens[name] != nil else {
                throw AuthTokenStoreError(.full, "There are \(maximumTokens) tokens already")
            }
            tokens[name] = token
        }
    }

    /// The stored token.
    public func loadToken(name: String) async throws -> String? {
        tokens.withLock { $0[name] }
    }

    /// Removes the stored token.
    @discardableResult
    public func removeToken(name: String) async throws -> String? {
        tokens.withLock { $0.removeValue(forKey: name) }
    }
}

extension InMemoryAuthTokenStore: CustomReflectable {
    /// Not the tokens.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
