import SocketProtocol

@testable import AsyngularClient

/// A store of one token, which works or fails as the test wants.
final class TestTokenStore: AuthTokenStore {
    private let token: Locked<String?>
    /// Whether tokens can be loaded; saved and removed.
    let isReadable = Locked(true)
    let isWritable = Locked(true)
    let names = Locked<Set<String>>([])

    init(_ token: String? = nil) {
        self.token = Locked(token)
    }

    var value: String? {
        get { token.value }
        set { token.value = newValue }
    }

    func saveToken(_ token: String, name: String) async throws {
        names.change { _ = $0.insert(name) }
        guard isWritable.value else { throw AGError(name: "StorageError", message: "full") }
        value = token
    }

    func loadToken(name: String) async throws -> String? {
        names.change { _ = $0.insert(name) }
        guard isReadable.value else { throw AGError(name: "StorageError", message: "unreadable") }
        return value
    }

    func removeToken(name: String) async throws -> String? {
        names.change { _ = $0.insert(name) }
        guard isWritable.value else { throw AGError(name: "StorageError", message: "locked") }
        return token.change { $0.take() }
    }
}
