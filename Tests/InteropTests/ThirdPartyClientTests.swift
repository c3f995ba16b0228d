import Testing

extension Interop {
    /// `socketclusterclient` 1.3.6 from PyPI: handshake with a PyJWT-made token, login, subscribe, publish, RPC.
    @Test func socketclusterclient136() async throws {
        try await ServerProcess.with(["--demo", "--ping-interval", "500", "--ping-timeout", "1500"]) { server in
            try await PeerScript.run("client136.py", against: server)
        }
    }
}
