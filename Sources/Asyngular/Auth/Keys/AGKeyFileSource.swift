import JSONWebToken
import Synchronization

/// Keys from files that are read again when they change.
///
/// ```swift
/// var options = AGServerOptions()
/// options.authKeySource = AGKeyFileSource("/etc/asyngular/keys.json")
/// ```
///
/// A file is a JWK Set (see ``AGKeyRing/init(jwkSet:signingKeyID:)``), one JWK, or PEM with a private key, a public key or a
/// certificate; of a folder every `.pem`, `.key`, `.crt`, `.cer`, `.jwk`, `.jwks` and `.json` counts that does not begin with
/// a dot. All files together make one ring: every key verifies, and the first that can sign signs. The `kid` of a key in PEM
/// is its file's name without the extension, unless that file is the only one named.
///
/// A change is noticed by the files' status (device, inode, size, times), so that an atomic rename counts as well as writing
/// in place. Files that cannot be used as they are, because they are being written, say, change nothing: the keys in force
/// stay and a warning is logged once. A file with a private key or secret should have mode 0600; a warning says so otherwise.
///
/// All files together have at most 512 KiB. They are read, and the keys checked, on a thread of Swift's concurrency pool or on
/// the caller's, never on an event loop; put them on a local disk.
public final class AGKeyFileSource: AGKeySource {
    /// Times of files are no finer than a clock tick, and some file systems' are seconds: younger ones do not tell whether
    /// the file was written again.
    private static let settlingTime: Int64 = 2_000_000_000

    private struct State {
        var updates: AGKeyUpdates?
        var stamps: [KeyFileContents.Stamp] = []
        /// Whether the stamps were old enough when the files were read.
        var isSettled = false
        /// Of the files looked at last, whether they were good or not; nil if they could not be read.
        var fingerprint: Int?
        var isGood = false
        /// To be reported when the source runs.
        var remarks: [String] = []
    }

    private let paths: [String]
    private let parser: KeyFileParser
    private let interval: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - paths: files and folders.
    ///   - signingKeyID: the `kid` of the key that signs, if it is not to be the first that can.
    ///   - passphrase: decrypts private keys in PEM that are encrypted.
    ///   - interval: between looks at the files; 1 second.
    public init(
        _ paths: String...,
        signingKeyID: String? = nil,
        passphrase: String? = nil,
        interval: Duration = .seconds(1)
    ) {
        self.paths = paths
        parser = KeyFileParser(signingKeyID: signingKeyID, passphrase: passphrase)
        self.interval = max(interval, .milliseconds(1))
    }

    /// Reads the files.
    ///
    /// - Throws: `KeyError` naming the file that cannot be used.
    public func initialKeys() throws(KeyError) -> AGKeyRing? {
        try state.withLock { (state) throws(KeyError) in
            var contents = try read(&state)
            defer { contents.wipe() }
            let result = try parser.parse(contents)
            state.isGood = true
            state.remarks = result.remarks
            return result.ring
        }
    }

    /// Looks at the files again and again.
    public func run(_ updates: AGKeyUpdates) async throws {
        let remarks = state.withLock { state in
            state.updates = updates
            defer { state.remarks = [] }
            return state.remarks
        }
        defer { state.withLock { $0.updates = nil } }
        for remark in remarks { updates.report(remark) }
        while true {
            check(isForced: false)
            try await Task.sleep(for: interval)
        }
    }

    /// Reads the files now, whatever their status says; on a signal, for example.
    ///
    /// - Returns: whether their keys are in force; false also while the server does not listen.
    @discardableResult
    public func reload() -> Bool { check(isForced: true) }

    @discardableResult
    private func check(isForced: Bool) -> Bool {
        // Under the lock to the end: of two versions the later one is to be applied last.
        state.withLock { state in
            guard let updates = state.updates else { return false }
            if !isForced, state.isSettled, KeyFileContents.stamps(paths: paths) == state.stamps { return state.isGood }
            let before = state.fingerprint
            do throws(KeyError) {
                var contents = try read(&state)
                defer { contents.wipe() }
                guard isForced || state.fingerprint != before else { return state.isGood }
                let result = try parser.parse(contents)
                state.isGood = updates.apply(result.ring)
                if state.isGood { for remark in result.remarks { updates.report(remark) } }
            } catch {
                state.isGood = false
                updates.report(error.message)
            }
            return state.isGood
        }
    }

    private func read(_ state: inout State) throws(KeyError) -> KeyFileContents {
        // Stamps first: what is written after them has others.
        state.stamps = KeyFileContents.stamps(paths: paths)
        let youngest = state.stamps.map { max($0.modified, $0.changed) }.max() ?? .max
        state.isSettled = WallClock.milliseconds() &* 1_000_000 &- Self.settlingTime > youngest
        state.fingerprint = nil
        let contents = try KeyFileContents(paths: paths)
        state.fingerprint = contents.fingerprint
        return contents
    }
}
