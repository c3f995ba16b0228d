import EventLoop
import TLS
import Testing

/// The layer against `openssl s_server` and `openssl s_client`, which can renew keys.
@Suite(.timeLimit(.minutes(1)))
struct OpenSSLTests {
    @Test("s_server: lines both ways, with new keys in between", arguments: ["-tls1_2", "-tls1_3"])
    func server(version: String) async throws {
        let certificates = try await Certificates.shared()
        let process = try PeerProcess([
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificates.path("server.pem"), "-key",
            certificates.path("server.key"), version,
        ])
        let accept = try #require(await process.line(containing: "ACCEPT "))
        let port = try #require(accept.split(separator: ":").last.flatMap { Int($0) })
        let loop = try EventLoop()
        let client = Endpoint(try certificates.client())
        try await loop.connect(to: .ip(host: "127.0.0.1", port: port)) { _ in client }
        #expect(try await client.outcome().get().version == (version == "-tls1_2" ? .tls12 : .tls13))
        for round in 0..<4 {
            if version == "-tls1_3" {
                // The server renews its key, and in every second round asks for ours to be renewed.
                try process.send(round % 2 == 0 ? "k\n" : "K\n")
                // Only a line of its own is a command: it has been read when this has come.
                await loop.run { client.connection?.send(Array("before \(round)\n".utf8)) }
                #expect(await process.line(containing: "before \(round)") != nil)
            }
            try process.send("down \(round)\n")
            #expect(await client.receive(exactly: 7) == Array("down \(round)\n".utf8))
            await loop.run { client.connection?.send(Array("up \(round)\n".utf8)) }
            #expect(await process.line(containing: "up \(round)") != nil)
        }
        // It closes its socket without a goodbye.
        try process.send("Q\n")
        #expect(await client.events.next() == .closed(.aborted))
        #expect(await loop.run { client.filter.failure?.code } == .truncated)
        await loop.shutdown()
    }

    @Test("s_client: lines both ways, with new keys in between", arguments: ["-tls1_2", "-tls1_3"])
    func client(version: String) async throws {
        let certificates = try await Certificates.shared()
        let group = try EventLoopGroup(count: 1)
        let context = try certificates.server { $0.clientCertificates = .required }
        let servers = EventQueue<Endpoint>()
        let listener = try await Listener.bind(.ip(host: "127.0.0.1", port: 0), group: group) { _ in
            let endpoint = Endpoint(context)
            servers.append(endpoint)
            return endpoint
        }
        let process = try PeerProcess([
            "openssl", "s_client", "-connect", listener.localAddress.description, "-servername", "localhost",
            "-CAfile", certificates.path("ca.pem"), "-verify_return_error", "-verify_hostname", "localhost", "-cert",
            certificates.path("client.pem"), "-key", certificates.path("client.key"), version,
        ])
        let server = await servers.next()
        #expect(try await server.outcome().get().version == (version == "-tls1_2" ? .tls12 : .tls13))
        #expect(await process.line(containing: "Verify return code: 0") != nil)
        for round in 0..<4 {
            if version == "-tls1_3" {
                try process.send(round % 2 == 0 ? "k\n" : "K\n")
                #expect(await process.line(containing: "KEYUPDATE") != nil)
            }
            try process.send("up \(round)\n")
            #expect(await server.receive(exactly: 5) == Array("up \(round)\n".utf8))
            await group.loops[0].run { server.connection?.send(Array("down \(round)\n".utf8)) }
            #expect(await process.line(containing: "down \(round)") != nil)
        }
        try process.send("Q\n")
        #expect(await server.events.next() == .end)
        #expect(await group.loops[0].run { server.filter.failure } == nil)
        await group.shutdown()
    }
}
