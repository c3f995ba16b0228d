import Foundation
import Testing

extension Interop {
    /// Counted, not timed: a frame on a synchronous path costs the loop no heap allocation.
    @Test(.enabled(if: Locations.allocationProbe != nil, "needs the release build that Scripts/test makes"))
    func allocations() async throws {
        let probe = try #require(Locations.allocationProbe)
        let command = try await Command.run(probe, [])
        #expect(command.status == 0, "\(command.output)\(command.errors)")
        for path in ["echo", "batch", "publish", "pong"] {
            let line = try #require(command.output.split(separator: "\n").first { $0.hasPrefix("\(path) ") })
            let count = try #require(Int(line.split(separator: " ")[1]))
            // Not per frame: on a slow machine a timer fires meanwhile.
            #expect(count <= 5, "\(line)")
        }
    }
}
