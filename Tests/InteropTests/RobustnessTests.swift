import Testing

extension Interop {
    /// Random bytes, truncations, oversized heads and tokens, deep JSON, slow senders and floods from outside.
    @Test func robustness() async throws {
        let options = ["--demo", "--handshake-timeout", "1000", "--ping-interval", "1000", "--ping-timeout", "3000"]
        try await ServerProcess.with(options) { server in
            // The server beside these tests is a debug build, many times slower at a flood than a release build.
            let longestEcho = Locations.sanitizer == nil ? "4" : "20"
            try await PeerScript.run(
                "robustness.py",
                against: server,
                ["--longest-echo", longestEcho] + (Locations.sanitizer == nil ? [] : ["--no-memory-bounds"])
            )
        }
    }

    /// 5,000 authenticated idle connections cost at most 4 KiB of process memory each.
    @Test(.enabled(if: Locations.sanitizer == nil, "memory figures mean nothing under a sanitizer"))
    func idleConnections() async throws {
        try await ServerProcess.with(["--loops", "1"]) { server in
            try await PeerScript.run("idle.py", against: server, ["--count", "5000", "--limit", "4096"])
        }
    }

    /// Revoking one subject among 10,000 live sockets reaches all of its sockets within 100 ms.
    @Test(.enabled(if: Locations.sanitizer == nil, "times mean nothing under a sanitizer"), arguments: [1, 2])
    func revocation(loops: Int) async throws {
        let options = ["--demo", "--loops", "\(loops)", "--ping-interval", "600000", "--ping-timeout", "900000"]
        try await ServerProcess.with(options) { server in
            try await PeerScript.run("revocation.py", against: server, ["--count", "10000", "--limit", "100"])
        }
    }
}
