import Foundation
import Testing

extension Interop {
    /// The HTTP flow with peers that are no browser: routes, keep-alive, limits, and a token from `POST /login` in the
    /// handshake; with one loop and with two.
    @Test(arguments: [1, 2]) func httpFlow(loops: Int) async throws {
        let server = try await ServerProcess.start(
            ["--demo", "--loops", "\(loops)", "--handshake-timeout", "3000", "--log-level", "trace"]
        )
        try await PeerScript.run("http_flow.py", against: server)
        #expect(await server.stop() == 0)
        for secret in [ServerProcess.authKey, "eyJ", "right"] { #expect(!server.errors.contains(secret)) }
    }

    /// The demo's page in headless Chromium. ASYNGULAR_SCREENSHOTS names a folder for its pictures.
    @Test func demoPage() async throws {
        let folder = ProcessInfo.processInfo.environment["ASYNGULAR_SCREENSHOTS"]
        try await ServerProcess.with(["--demo", "--ping-interval", "500", "--auth-expiry", "3600"]) { server in
            try await PeerScript.run("demo_page.py", against: server, folder.map { ["--screenshots", $0] } ?? [])
        }
    }
}
