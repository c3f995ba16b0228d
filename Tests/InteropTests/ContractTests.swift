import Testing

extension Interop {
    /// The contract's worked transcript and its other single exchanges, frame by frame with `websockets`.
    @Test(arguments: [1, 2]) func transcript(protocolVersion: Int) async throws {
        // The transcript is of a server that has no timer for expiry.
        let options =
            ["--demo", "--lazy-expiry", "--auth-expiry", "2"]
            + ["--ping-interval", "3000", "--ping-timeout", "9000"]
        try await ServerProcess.with(options + ["--protocol-version", "\(protocolVersion)"]) { server in
            try await PeerScript.run("transcript.py", against: server, ["--protocol-version", "\(protocolVersion)"])
        }
    }

    /// Packets, reserved events, pub/sub, malformed input and close codes; with one loop and with two, whose sockets are
    /// spread over both.
    @Test(arguments: [(1, 1), (2, 1), (2, 2)]) func behaviour(protocolVersion: Int, loops: Int) async throws {
        let options = ["--demo", "--handshake-timeout", "1000", "--ping-interval", "1000", "--ping-timeout", "2500"]
        try await ServerProcess.with(
            options + ["--protocol-version", "\(protocolVersion)", "--loops", "\(loops)"]
        ) { server in
            try await PeerScript.run("behaviour.py", against: server, ["--protocol-version", "\(protocolVersion)"])
        }
    }
}
