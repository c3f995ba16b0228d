import Foundation
import Testing

/// A Python script of `Peers/` that drives the server and prints `PASS name` or `FAIL name - reason` for each check.
enum PeerScript {
    /// Runs the script and records an issue for each failed check.
    static func run(
        _ name: String,
        against server: ServerProcess,
        _ arguments: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let script = Locations.peers.appendingPathComponent(name).path
        let command = try await Command.run(
            Locations.python(),
            [script, server.url, "--pid", String(server.processIdentifier)] + arguments,
            environment: [
                "ASYNGULAR_AUTH_KEY": ServerProcess.authKey, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1",
            ]
        )
        let lines = command.output.split(separator: "\n")
        for line in lines where line.hasPrefix("FAIL ") {
            Issue.record("\(name): \(line)", sourceLocation: sourceLocation)
        }
        #expect(
            command.status == 0 && lines.contains { $0.hasPrefix("PASS ") },
            """
            \(name) ended with \(command.status)
            \(command.output)\(command.errors.suffix(4000))
            server: \(server.errors.suffix(4000))
            """,
            sourceLocation: sourceLocation
        )
    }
}
