import Testing

extension Interop {
    /// `socketclusterclient` 1.3.6 from PyPI: handshake with a PyJWT-made token, login, subscribe, publish, RPC.
    @Test func socketclusterclient136() async throws {
        try await ServerProcess.with(["--demo", "--ping-interval", "500", "--ping-timeout", "1500"]) { server in
            try await PeerScript.run("client136.py", against: server)
        }
    }

    /// Tokens at the upgrade, by `websockets`; with a secret, inline and on the pool.
    @Test(arguments: ["inline", "offloaded"]) func upgradeTokens(scheduling: String) async throws {
        let options = ["--upgrade-bearer", "--upgrade-cookie", "session", "--upgrade-subprotocol", "bearer."]
        try await ServerProcess.with(
            options + ["--origins", "app.test:*", "--auth-scheduling", scheduling]
        ) { server in
            try await PeerScript.run("upgrade_token.py", against: server)
        }
    }
}
