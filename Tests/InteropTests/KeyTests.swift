import Foundation
import Testing

extension Interop {
    /// Asymmetric keys at the shell against PyJWT and jwcrypto, with keys of the `openssl` command, and the rotation of the key
    /// file of a running server, noticed by itself and on SIGHUP.
    @Test func keys() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("keys.json").path
        let script = Locations.peers.appendingPathComponent("keys.py").path
        let prepared = try await Command.run(Locations.python(), [script, "--prepare", file])
        try #require(prepared.status == 0, "\(prepared.errors.suffix(4000))")
        try await ServerProcess.with(["--demo", "--auth-keys-file", file]) { server in
            try await PeerScript.run(
                "keys.py",
                against: server,
                ["--binary", Locations.serverBinary.path, "--keys", file]
            )
            let warnings = server.errors.split(separator: "\n").filter { $0.contains("Auth keys:") }
            #expect(
                !warnings.isEmpty && warnings.allSatisfy { $0.contains("the key file \(file): ") },
                "\(server.errors)"
            )
            for secret in [#""d":"#, #"eyJ"#] { #expect(!server.errors.contains(secret)) }
        }
    }
}
