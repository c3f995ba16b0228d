import Foundation
import Testing

extension Interop {
    /// PyJWT verifies the tokens of `asyngular-server token sign`, `token verify` accepts PyJWT's, and both refuse bad ones.
    @Test func tokens() async throws {
        try await ServerProcess.with([]) { server in
            try await PeerScript.run("tokens.py", against: server, ["--binary", Locations.serverBinary.path])
        }
    }
}
