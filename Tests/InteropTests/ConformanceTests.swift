import Foundation
import Testing

extension Interop {
    /// Skipped only on a machine without Python 2.7, which Autobahn needs.
    private static let canRunAutobahn = ConditionTrait.enabled(
        if: Locations.hasPython27 || FileManager.default.isExecutableFile(atPath: Locations.wstest.path),
        "the Autobahn TestSuite runs on Python 2.7 only, and none was found on the PATH or under pyenv"
    )

    private func requireAutobahn() throws {
        guard FileManager.default.isExecutableFile(atPath: Locations.wstest.path) else {
            throw MissingPeers(
                description: "\(Locations.wstest.path) is missing although Python 2.7 is there: run Scripts/test first"
            )
        }
    }

    /// The client, by all there is but compression.
    @Test(canRunAutobahn)
    func autobahnOfTheClient() async throws {
        try requireAutobahn()
        let command = try await Command.run(
            Locations.root.appendingPathComponent("Scripts/conformance"),
            ["--client", "--all", "--binary", Locations.conformanceClient.path]
        )
        #expect(command.status == 0, "\(command.output)\(command.errors.suffix(4000))")
        #expect(command.output.contains(" cases, 0 failed"))
    }

    /// The quick subset of `Scripts/conformance`.
    @Test(canRunAutobahn)
    func autobahn() async throws {
        try requireAutobahn()
        try await ServerProcess.with(["--echo-path", "/echo"]) { server in
            let command = try await Command.run(
                Locations.root.appendingPathComponent("Scripts/conformance"),
                ["--quick", "--url", "ws://127.0.0.1:\(server.port)/echo"]
            )
            #expect(command.status == 0, "\(command.output)\(command.errors.suffix(4000))")
            #expect(command.output.contains(" cases, 0 failed"))
        }
    }
}
