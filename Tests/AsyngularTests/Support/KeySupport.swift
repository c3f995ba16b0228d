import JSONWebToken
import Logging
import StrictJSON
import Synchronization

@testable import Asyngular

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Keys made for one run of the tests.
enum TestKey {
    static let old = try! SigningKey.generate(.ES256, kid: "old")
    static let new = try! SigningKey.generate(.EdDSA, kid: "new")
    static let rsa = try! SigningKey.generate(.RS256, kid: "rsa", modulusBits: 2048)
    static let secret = try! SigningKey.generate(.HS256, kid: "secret")

    static func privateJWK(_ key: SigningKey) -> JSONValue { .object(key.privateJWK!) }

    static func publicJWK(_ key: SigningKey) -> JSONValue { .object(key.verificationKey.jwk!) }

    /// The text of a JWK Set.
    static func set(_ keys: JSONValue...) -> String {
        String(decoding: JSONValue.object(["keys": .array(keys)]).serialized(), as: UTF8.self)
    }

    /// PKCS#8, by way of no library: a fixed key, as PEM cannot be written by this package.
    static let pem = AuthKeyPairTests.privateKey
    static let publicPEM = AuthKeyPairTests.publicKey

    static func token(_ key: SigningKey, _ claims: JSONObject = ["username": "bob"]) -> String {
        let options = SigningOptions(algorithm: key.algorithms.first, expiresIn: 600)
        return try! TokenSigner().sign(claims, key: key, options: options, now: WallClock.seconds())
    }

    /// The `kid` in a token's header.
    static func keyID(_ token: String) -> String? { TokenInspector.keyID(Array(token.utf8)) }
}

/// A folder for key files, removed with this object.
final class KeyFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/asyngular-keys-XXXXXX".utf8CString)
        path = unsafe template.withUnsafeMutableBufferPointer { unsafe String(cString: mkdtemp($0.baseAddress!)) }
    }

    deinit {
        for name in names { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    private var names: [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            unsafe names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                }
            )
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes in place, as an editor or `cat >` does.
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) {
        let descriptor = unsafe open(file(name), O_WRONLY | O_CREAT | O_TRUNC, mode)
        precondition(descriptor >= 0)
        fchmod(descriptor, mode)
        let bytes = Array(text.utf8)
        precondition(unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
    }

    /// Writes beside it and renames, as careful programs do.
    func replace(_ name: String, _ text: String) {
        write(".\(name)", text)
        precondition(unsafe rename(file(".\(name)"), file(name)) == 0)
    }

    func remove(_ name: String) { unsafe unlink(file(name)) }
}

/// What a key source tells, in order.
final class KeyUpdates: Sendable {
    enum Update: Sendable, Equatable {
        /// The `kid` of the signing key and those of the others.
        case keys(String?, [String?])
        case problem(String)
    }

    private let stream: AsyncStream<Update>
    private let continuation: AsyncStream<Update>.Continuation
    private let isAccepting = Mutex(true)

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// Whether what is applied is taken.
    func accept(_ value: Bool) { isAccepting.withLock { $0 = value } }

    var updates: AGKeyUpdates {
        AGKeyUpdates { ring in
            self.continuation.yield(.keys(ring.signature?.keyID, ring.verification.keys.map(\.keyID)))
            return self.isAccepting.withLock { $0 }
        } report: { problem in
            self.continuation.yield(.problem(problem))
        }
    }

    func next() async -> Update? {
        for await update in stream { return update }
        return nil
    }

    /// Runs a source for the time of `body`.
    func running(_ source: some AGKeySource, _ body: () async throws -> Void) async rethrows {
        let updates = updates
        let task = Task { try? await source.run(updates) }
        defer { task.cancel() }
        try await body()
    }
}

/// Keeps what is logged.
struct LogRecorder: LogHandler {
    final class Lines: Sendable {
        private let storage = Mutex<[String]>([])
        var all: [String] { storage.withLock { $0 } }
        func append(_ line: String) { storage.withLock { $0.append(line) } }
    }

    let lines: Lines
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.trace

    init(_ lines: Lines) {
        self.lines = lines
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.append("\(event.level) \(event.message)")
    }

    static func logger(_ lines: Lines) -> Logger {
        var logger = Logger(label: "test") { _ in LogRecorder(lines) }
        logger.logLevel = .trace
        return logger
    }
}

/// A source whose applied keys can be waited for.
final class ObservedKeySource<Base: AGKeySource>: AGKeySource {
    private let base: Base
    private let stream: AsyncStream<Bool>
    private let continuation: AsyncStream<Bool>.Continuation

    init(_ base: Base) {
        self.base = base
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// Waits for the next keys; whether they were taken.
    func applied() async -> Bool {
        for await isTaken in stream { return isTaken }
        return false
    }

    func initialKeys() throws(KeyError) -> AGKeyRing? { try base.initialKeys() }

    func run(_ updates: AGKeyUpdates) async throws {
        try await base.run(
            AGKeyUpdates { ring in
                let isTaken = updates.apply(ring)
                self.continuation.yield(isTaken)
                return isTaken
            } report: { problem in
                updates.report(problem)
            }
        )
    }

    var isRefreshable: Bool { base.isRefreshable }

    func refresh(forUnknownKeyID keyID: String) async -> AGKeyRefreshOutcome {
        await base.refresh(forUnknownKeyID: keyID)
    }
}
