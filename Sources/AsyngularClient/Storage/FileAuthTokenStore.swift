import DequeModule
import EventLoop
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Keeps tokens in files of one folder, one file for each name, for its owner only.
///
/// A file has mode 0600 and is replaced whole, by a rename, so that a reader finds the old token or the new one. A file that
/// others could read is tightened when it is loaded. The folder is made with mode 0700 if it is not there. The file system is
/// used on a thread of the store's own, one operation after the other.
public final class FileAuthTokenStore: AuthTokenStore {
    /// The largest token in bytes: 64 KiB.
    public static let maximumTokenBytes = TokenFile.maximumBytes
    /// Operations that may wait for the file system; further ones fail: 1,024.
    public static let maximumWaiting = 1024

    private struct State {
        var waiting = Deque<@Sendable () -> Void>()
        var isRunning = false
    }

    private let folder: String
    private let state = Mutex(State())

    /// A store in a folder.
    /// - Parameter folder: its path. Nothing is touched before the first operation.
    public init(folder: String) {
        self.folder = folder
    }

    /// A store in the user's own folder for such things: `asyngular` in `$XDG_STATE_HOME`, or else in `~/.local/state`.
    /// - Throws: ``AuthTokenStoreError`` if the environment has no home.
    public convenience init() throws(AuthTokenStoreError) {
        if let state = Self.environment("XDG_STATE_HOME"), state.hasPrefix("/") {
            self.init(folder: state + "/asyngular")
        } else if let home = Self.environment("HOME"), home.hasPrefix("/") {
            self.init(folder: home + "/.local/state/asyngular")
        } else {
            throw AuthTokenStoreError(.fileSystem, "Neither XDG_STATE_HOME nor HOME is set")
        }
    }

    private static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// Stores a token.
    /// - Throws: ``AuthTokenStoreError``; the old token is kept then.
    public func saveToken(_ token: String, name: String) async throws {
        try await perform(name) { file throws(AuthTokenStoreError) in try file.replace(with: token) }
    }

    /// The stored token.
    /// - Throws: ``AuthTokenStoreError``, also for a file that has no token in it.
    public func loadToken(name: String) async throws -> String? {
        try await perform(name) { file throws(AuthTokenStoreError) in try file.load() }
    }

    /// Removes the stored token.
    /// - Returns: the one that was stored; nil if there was none, or if what was there was no token.
    /// - Throws: ``AuthTokenStoreError`` if the file cannot be removed.
    @discardableResult
    public func removeToken(name: String) async throws -> String? {
        try await perform(name) { file throws(AuthTokenStoreError) in try file.remove() }
    }

    private func perform<Value: Sendable>(
        _ name: String,
        _ body: @escaping @Sendable (TokenFile) throws(AuthTokenStoreError) -> Value
    ) async throws -> Value {
        let file = try TokenFile(folder: folder, name: name)
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, AuthTokenStoreError>, Never>) in
            let isAccepted = enqueue {
                continuation.resume(returning: Result { () throws(AuthTokenStoreError) in try body(file) })
            }
            if !isAccepted {
                let error = AuthTokenStoreError(.full, "Too many operations wait for the file system")
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    private func enqueue(_ body: @escaping @Sendable () -> Void) -> Bool {
        let (isAccepted, needsThread) = state.withLock { state -> (Bool, Bool) in
            guard state.waiting.count < Self.maximumWaiting else { return (false, false) }
            state.waiting.append(body)
            defer { state.isRunning = true }
            return (true, !state.isRunning)
        }
        // Without a thread the caller's has to do.
        if needsThread, !BlockingThread.run(name: "tokens", { self.work() }) { work() }
        return isAccepted
    }

    private func work() {
        while true {
            let body = state.withLock { state -> (@Sendable () -> Void)? in
                if let body = state.waiting.popFirst() { return body }
                state.isRunning = false
                return nil
            }
            guard let body else { return }
            body()
        }
    }
}
