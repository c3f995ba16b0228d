import Foundation
import TLS
import Testing

/// The keys and certificates that `Peers/make-certificates` makes, once in a run.
struct Certificates: Sendable {
    let folder: URL

    static let peers = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Peers")

    private static let made = Task {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-tests-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        atexit {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-tests-\(getpid())")
            try? FileManager.default.removeItem(at: folder)
        }
        let script = peers.appendingPathComponent("make-certificates").path
        let command = try await Command.run(URL(fileURLWithPath: "/usr/bin/env"), ["bash", script, folder.path])
        guard command.status == 0 else { throw NotStarted(description: "make-certificates: \(command.errors)") }
        return Certificates(folder: folder)
    }

    static func shared() async throws -> Certificates { try await made.value }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    func identity(_ name: String, key: String? = nil) -> TLSIdentity {
        TLSIdentity(
            certificates: .file(path("\(name).pem")),
            privateKey: .file(path("\(key ?? (name == "chain" ? "chained" : name)).key"))
        )
    }

    /// A client that trusts the tests' authority.
    func client(_ change: (inout TLSOptions) -> Void = { _ in }) throws -> TLSContext {
        var options = TLSOptions()
        options.trust = .only(.file(path("ca.pem")))
        change(&options)
        return try TLSContext(options)
    }

    /// A server with a certificate of the tests' authority.
    func server(_ name: String = "server", _ change: (inout TLSOptions) -> Void = { _ in }) throws -> TLSContext {
        var options = TLSOptions(role: .server)
        options.trust = .only(.file(path("ca.pem")))
        options.identity = identity(name)
        change(&options)
        return try TLSContext(options)
    }
}
