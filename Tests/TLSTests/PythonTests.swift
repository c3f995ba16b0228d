import EventLoop
import Foundation
import TLS
import Testing

/// The layer against Python's `ssl`.
@Suite(.timeLimit(.minutes(1)))
struct PythonTests {
    private static let script = Certificates.peers.appendingPathComponent("tls_peer.py").path

    /// Servers of every behaviour, started once for all tests.
    private static let servers = Task {
        let certificates = try await Certificates.shared()
        let process = try PeerProcess(["python3", script, "serve", certificates.folder.path])
        let line = try #require(await process.line(containing: "{"))
        return (process, try JSONDecoder().decode([String: Int].self, from: Data(line.utf8)))
    }

    /// A client's connection to a server of a certain behaviour.
    private func connect(
        to behaviour: String,
        _ context: TLSContext,
        serverName: String = "localhost",
        timeout: UInt64? = nil
    ) async throws -> (EventLoop, Endpoint) {
        let port = try #require(try await Self.servers.value.1[behaviour])
        let loop = try EventLoop()
        let client = Endpoint(context, serverName: serverName, timeout: timeout)
        try await loop.connect(to: .ip(host: "127.0.0.1", port: port), options: .patient) { _ in client }
        return (loop, client)
    }

    @Test("echoes of a few bytes and of megabytes, and a goodbye both ways", arguments: ["echo", "echo12", "rsa"])
    func echo(behaviour: String) async throws {
        let certificates = try await Certificates.shared()
        let (loop, client) = try await connect(
            to: behaviour,
            certificates.client { $0.applicationProtocols = ["http/1.1"] }
        )
        let parameters = try await client.outcome().get()
        #expect(parameters.version == (behaviour == "echo12" ? .tls12 : .tls13))
        #expect(parameters.applicationProtocol == "http/1.1")
        for size in [1, 64, 16384, 16385, 1 << 20] {
            let content = pattern(size)
            await loop.run { client.connection?.send(content) }
            #expect(await client.receive(exactly: size) == content)
        }
        await loop.run { client.connection?.close() }
        #expect(await client.end() == .local)
        await loop.shutdown()
    }

    @Test("the server says goodbye first")
    func goodbye() async throws {
        let (loop, client) = try await connect(to: "goodbye", Certificates.shared().client())
        _ = try await client.outcome().get()
        #expect(await client.receive(exactly: 4) == Array("last".utf8))
        #expect(await client.events.next() == .end)
        _ = await client.end()
        #expect(await loop.run { client.filter.failure } == nil)
        await loop.shutdown()
    }

    @Test("the server is told a host name, and never an address")
    func name() async throws {
        let certificates = try await Certificates.shared()
        for (name, told) in [("server.example.", "server.example"), ("127.0.0.1", "-")] {
            let (loop, client) = try await connect(to: "name", certificates.client(), serverName: name)
            _ = try await client.outcome().get()
            #expect(await client.receive(exactly: told.utf8.count) == Array(told.utf8))
            await loop.shutdown()
        }
    }

    @Test(
        "servers that cannot be talked to",
        arguments: [
            ("stranger", TLSError.Code.certificateInvalid), ("plain", .notTLS), ("silent", .timedOut),
            ("halfFlight", .timedOut),
        ]
    )
    func refused(behaviour: String, code: TLSError.Code) async throws {
        let (loop, client) = try await connect(
            to: behaviour,
            Certificates.shared().client(),
            timeout: code == .timedOut ? 200 : nil
        )
        #expect(failure(await client.outcome())?.code == code)
        _ = await client.end()
        await loop.shutdown()
    }

    @Test("a server of TLS 1.1 is refused")
    func old() async throws {
        let (loop, client) = try await connect(to: "old", Certificates.shared().client())
        let error = try #require(failure(await client.outcome()))
        // Either side may be the first to notice: alert 70 is protocol_version.
        #expect(error.code == .unsupportedVersion || error.alert == 70, "\(error)")
        await loop.shutdown()
    }

    @Test("an end without a goodbye is told from a goodbye", arguments: ["cut", "reset"])
    func truncated(behaviour: String) async throws {
        let (loop, client) = try await connect(to: behaviour, Certificates.shared().client())
        _ = try await client.outcome().get()
        await loop.run { client.connection?.send([1, 2, 3]) }
        var last = await client.events.next()
        // A reset may overtake what was sent before it.
        if case .bytes(let bytes) = last {
            #expect(bytes == [1, 2, 3])
            last = await client.events.next()
        }
        // Without an end that a handler might take for a good one.
        if last == .closed(.reset) {
            #expect(behaviour == "reset")
        } else {
            #expect(last == .closed(.aborted))
            #expect(await loop.run { client.filter.failure?.code } == .truncated)
        }
        await loop.shutdown()
    }

    @Test("a server that demands a certificate")
    func demanding() async throws {
        let certificates = try await Certificates.shared()
        let (loop, client) = try await connect(
            to: "demanding",
            certificates.client { $0.identity = certificates.identity("client") }
        )
        _ = try await client.outcome().get()
        await loop.run { client.connection?.send([1]) }
        #expect(await client.receive(exactly: 1) == [1])
        await loop.shutdown()

        let (other, stranger) = try await connect(to: "demanding", certificates.client())
        _ = await stranger.end()
        // certificate_required
        #expect(await other.run { stranger.filter.failure?.alert } == 116)
        await other.shutdown()
    }

    @Test("a client in Python: versions, tickets, certificates, plain text, cuts")
    func client() async throws {
        let certificates = try await Certificates.shared()
        let group = try EventLoopGroup(count: 1)
        let failures = Locked<[TLSError.Code]>([])
        func listen(_ context: TLSContext) async throws -> Int {
            let listener = try await Listener.bind(.ip(host: "127.0.0.1", port: 0), group: group) { _ in
                let endpoint = Endpoint(context)
                endpoint.onReceive = { connection, bytes in connection.write(bytes.bytes) }
                endpoint.onClosed = { filter in
                    if let failure = filter.failure { failures.change { $0.append(failure.code) } }
                }
                return endpoint
            }
            guard case .ip(_, let port) = listener.localAddress else { return 0 }
            return port
        }
        let echo = try await listen(certificates.server { $0.applicationProtocols = ["http/1.1"] })
        let demanding = try await listen(certificates.server { $0.clientCertificates = .required })
        let process = try PeerProcess(
            ["python3", Self.script, "drive", certificates.folder.path, String(echo), String(demanding)]
        )
        var passed = 0
        while let line = await process.lines.next() {
            if line.hasPrefix("PASS ") { passed += 1 } else { Issue.record("\(line)") }
        }
        #expect(passed == 11)
        await group.shutdown()
        // Those that the script left without a goodbye; Python's last word in the others was one.
        let codes = failures.value
        #expect(codes.contains(.truncated) && codes.contains(.unsupportedVersion) && codes.contains(.notTLS))
        #expect(codes.contains(.certificateRequired) && codes.contains(.certificateInvalid))
    }
}
