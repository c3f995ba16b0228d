import Foundation
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

extension Interop {
    /// SIGTERM closes every socket with 1001 and ends the process with status 0; with one loop and with several.
    @Test(arguments: [1, 3]) func drain(loops: Int) async throws {
        let server = try await ServerProcess.start(["--demo", "--loops", "\(loops)"])
        try await PeerScript.run("drain.py", against: server)
        let status = await server.waitForExit()
        #expect(status == 0, "\(server.errors)")
    }

    /// A second server on the same port is refused, although listeners of one server share it.
    @Test(arguments: [1, 2]) func portInUse(loops: Int) async throws {
        try await ServerProcess.with(["--loops", "\(loops)"]) { server in
            let second = try await Command.run(
                Locations.serverBinary,
                ["serve", "--host", "127.0.0.1", "--port", "\(server.port)", "--loops", "\(loops)"],
                environment: ["ASYNGULAR_AUTH_KEY": ServerProcess.authKey]
            )
            #expect(second.status != 0)
            #expect(!second.output.contains("ready"))
            #expect(second.errors.contains("EADDRINUSE"), "\(second.errors)")
        }
    }

    /// `GET /health` answers JSON, and goes on doing so after a refused upgrade.
    @Test func health() async throws {
        try await ServerProcess.with([]) { server in
            let address = try #require(URL(string: "http://127.0.0.1:\(server.port)/health"))
            for _ in 0..<2 {
                let (body, response) = try await URLSession.shared.data(from: address)
                let head = try #require(response as? HTTPURLResponse)
                #expect(head.statusCode == 200)
                #expect(head.value(forHTTPHeaderField: "Content-Type")?.hasPrefix("application/json") == true)
                #expect(try JSONSerialization.jsonObject(with: body) is [String: Any])
            }
        }
    }

    /// The key appears in nothing that the server prints, and neither do tokens.
    @Test func secretsAreNotLogged() async throws {
        let server = try await ServerProcess.start(["--demo", "--ping-interval", "500", "--ping-timeout", "1500"])
        try await PeerScript.run("client136.py", against: server)
        _ = await server.stop()
        #expect(!server.errors.contains(ServerProcess.authKey))
        #expect(!server.errors.contains("eyJ"))
    }
}
