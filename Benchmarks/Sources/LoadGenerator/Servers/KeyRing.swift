import BenchmarkKit
import CBenchSupport
import JSONWebToken

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Keys for a run: given files, or fresh ones made by OpenSSL's command in a directory of their own.
public final class KeyRing: @unchecked Sendable {
    /// Why there is no key.
    public struct Failure: Error, CustomStringConvertible {
        /// What happened; never the key.
        public let description: String
    }

    /// The key of one algorithm, and what a server is told about it.
    public struct Entry: Sendable {
        /// Signs the tokens that the load generator presents.
        public let signing: SigningKey
        /// Values for a peer's placeholders.
        public let values: [String: String]
    }

    private let directory: String
    private var entries: [String: Entry] = [:]

    /// Makes an empty ring and its directory.
    public init() throws(Failure) {
        var template = Array("/tmp/asyngular-bench-XXXXXX".utf8CString)
        guard let path = unsafe mkdtemp(&template) else {
            throw Failure(description: "cannot make a directory for keys")
        }
        directory = unsafe String(cString: path)
        unsafe bench_remove_at_exit(directory)
    }

    /// Removes the keys that were made.
    public func remove() {
        for name in TextFile.names(in: directory) { unsafe unlink("\(directory)/\(name)") }
        unsafe rmdir(directory)
    }

    /// The key of an algorithm, made when it is first asked for.
    public func entry(for algorithm: Algorithm) throws(Failure) -> Entry {
        let family = Self.family(of: algorithm)
        if let entry = entries[family] { return entry }
        let entry = try make(family)
        entries[family] = entry
        return entry
    }

    /// Uses a given secret for HMAC.
    public func use(secretFile: String) throws(Failure) {
        guard var text = TextFile.read(secretFile) else { throw Failure(description: "cannot read \(secretFile)") }
        while text.utf8.last == 0x0A { text.removeLast() }
        entries["secret"] = Entry(
            signing: .hmac(secret: Array(text.utf8)),
            values: ["secretFile": secretFile, "secret": text]
        )
    }

    /// Uses a given private key, PEM, for its own kind of algorithm.
    public func use(privateKeyFile: String, for algorithm: Algorithm) throws(Failure) {
        entries[Self.family(of: algorithm)] = try pair(privateKeyFile, "\(directory)/given-public.pem")
    }

    private static func family(of algorithm: Algorithm) -> String {
        switch algorithm {
        case .HS256, .HS384, .HS512: "secret"
        case .RS256, .RS384, .RS512, .PS256, .PS384, .PS512: "rsa"
        case .ES256: "p256"
        case .ES384: "p384"
        case .ES512: "p521"
        case .EdDSA: "ed25519"
        }
    }

    private func make(_ family: String) throws(Failure) -> Entry {
        let file = "\(directory)/\(family)"
        unsafe bench_remove_at_exit(file)
        switch family {
        case "secret":
            var generator = SystemRandomNumberGenerator()
            let text = (0..<4).map { _ in Self.hexadecimal(generator.next()) }.joined()
            guard TextFile.write(text, to: file, mode: 0o600) else { throw Failure(description: "cannot write a key") }
            try use(secretFile: file)
            guard let entry = entries["secret"] else { throw Failure(description: "cannot read a key") }
            return entry
        case "rsa": try openssl(["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", file])
        case "ed25519": try openssl(["-algorithm", "ed25519", "-out", file])
        default:
            let curve = ["p256": "P-256", "p384": "P-384", "p521": "P-521"][family] ?? "P-256"
            try openssl(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)", "-out", file])
        }
        return try pair(file, "\(file)-public.pem")
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    private func openssl(_ arguments: [String]) throws(Failure) {
        do {
            _ = try ServerProcess.output(of: ["openssl", "genpkey", "-quiet"] + arguments)
        } catch {
            do {
                // Before OpenSSL 3.0.9 there is no -quiet.
                _ = try ServerProcess.output(of: ["openssl", "genpkey"] + arguments)
            } catch {
                throw Failure(description: "openssl genpkey: \(error)")
            }
        }
    }

    private func pair(_ file: String, _ publicFile: String) throws(Failure) -> Entry {
        guard let text = TextFile.read(file) else { throw Failure(description: "cannot read \(file)") }
        unsafe bench_remove_at_exit(publicFile)
        do {
            _ = try ServerProcess.output(of: ["openssl", "pkey", "-in", file, "-pubout", "-out", publicFile])
            return Entry(
                signing: try SigningKey.pem(text),
                values: ["privateKeyFile": file, "publicKeyFile": publicFile]
            )
        } catch {
            throw Failure(description: "the key in \(file) is not usable: \(error)")
        }
    }
}
