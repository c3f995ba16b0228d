import Foundation
import Testing

extension Interop {
    /// The program ends with a status other than 0 if a client takes more than 6 KiB, stays away, or is counted twice.
    @Test("two thousand clients of one process lose their server, find it again, and each gets its own answer")
    func clientCrowd() async throws {
        let command = try await Command.run(Locations.clientProbe, ["crowd", "2000"])
        // A sanitizer's memory is not the client's.
        if Locations.sanitizer == nil { #expect(command.status == 0, "\(command.output)\(command.errors)") }
        #expect(command.output.contains("answers to one call each: 2000"), "\(command.output)\(command.errors)")
    }

    @Test(
        "the server brings neither TLS nor Foundation, the client's tool no more than TLS",
        arguments: [(Locations.serverBinary, ["libssl", "libFoundation.so"]), (Locations.tool, ["libFoundation.so"])]
    )
    func linkage(_ program: URL, _ unwanted: [String]) async throws {
        let command = try await Command.run(URL(fileURLWithPath: "/usr/bin/ldd"), [program.path])
        #expect(command.status == 0, "\(command.errors)")
        #expect(command.output.contains("libuv"), "\(command.output)")
        for library in unwanted { #expect(!command.output.contains(library), "\(command.output)") }
    }
}
