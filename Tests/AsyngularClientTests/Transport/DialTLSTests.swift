import EventLoop
import TLS
import Testing

@testable import AsyngularClient

@Suite("Dialling with TLS", .timeLimit(.minutes(1)))
struct DialTLSTests {
    private func run(_ body: (Dialing, SecureEchoServer, DialOptions) async throws -> Void) async throws {
        let certificate = try await TestCertificate.shared()
        let server = try await SecureEchoServer(try certificate.server())
        var options = Dialing.patient
        options.tls = try certificate.client()
        try await Dialing.run { dialing in try await body(dialing, server, options) }
        await server.shutdown()
    }

    @Test("Opens, and echoes", arguments: ["localhost", "127.0.0.1"])
    func opens(_ host: String) async throws {
        try await run { dialing, server, options in
            await dialing.dial(ClientEndpoint(host: host, port: server.port, isSecure: true), options)
            #expect(await dialing.events.next() == .opened)
            for text in ["hello", String(repeating: "x", count: 200_000)] {
                await dialing.with { $0.send(text) }
                #expect(await dialing.events.next() == .text(text))
            }
            await dialing.with { $0.close(code: 1000) }
            #expect(await dialing.events.next() == .ended(1005, ""))
            await dialing.allClosed()
        }
    }

    @Test("A certificate that nobody trusts, and one for somebody else")
    func untrusted() async throws {
        try await run { dialing, server, options in
            var system = options
            system.tls = nil
            await dialing.dial(ClientEndpoint(host: "localhost", port: server.port, isSecure: true), system)
            let untrusted = await dialing.failure()
            #expect(untrusted?.code == .tlsFailed && untrusted?.tls?.code == .certificateInvalid)
            let other = ClientEndpoint(host: "127.0.0.2", port: server.port, isSecure: true)
            let resolver = NameResolver { _, port in .success([.ip(host: "127.0.0.1", port: Int(port))]) }
            var named = other
            named.host = "other.example"
            await dialing.dial(named, options, resolver: resolver)
            let mismatched = await dialing.failure()
            #expect(mismatched?.code == .tlsFailed && mismatched?.tls?.code == .hostNameMismatch)
            await dialing.allClosed()
        }
    }

    @Test("A server that does not speak it, or nothing at all")
    func notTLS() async throws {
        try await run { dialing, _, options in
            let listener = try ListeningPeer()
            let endpoint = ClientEndpoint(host: "localhost", port: listener.port, isSecure: true)
            await dialing.dial(endpoint, options)
            let peer = try listener.accept()
            try peer.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            let error = await dialing.failure()
            #expect(error?.code == .tlsFailed)
            var short = options
            short.timeoutMilliseconds = 100
            await dialing.dial(endpoint, short)
            let silent = try listener.accept()
            let code = await dialing.failure()?.code
            #expect(code == .timedOut || code == .tlsFailed)
            withExtendedLifetime(silent) {}
        }
    }

    @Test("Cancelled while the handshake is on")
    func cancelled() async throws {
        try await run { dialing, _, options in
            let listener = try ListeningPeer()
            await dialing.dial(ClientEndpoint(host: "localhost", port: listener.port, isSecure: true), options)
            let peer = try listener.accept()
            #expect(try !peer.receive().isEmpty)
            await dialing.cancel()
            await dialing.allClosed()
            await dialing.run { _ in }
            #expect(dialing.events.remaining.isEmpty)
        }
    }

    @Test("Through a proxy's tunnel")
    func proxied() async throws {
        try await run { dialing, server, options in
            let proxy = try ListeningPeer()
            var options = options
            options.proxy = HTTPProxy(host: "127.0.0.1", port: proxy.port)
            await dialing.dial(ClientEndpoint(host: "localhost", port: server.port, isSecure: true), options)
            let near = try proxy.accept()
            #expect(try near.receiveHead().hasPrefix("CONNECT localhost:\(server.port) HTTP/1.1\r\n"))
            let far = try Peer(.ip(host: "127.0.0.1", port: Int(server.port)))
            try near.send("HTTP/1.1 200 OK\r\n\r\n")
            for (from, to) in [(near, far), (far, near)] {
                let isStarted = BlockingThread.run(name: "relay") {
                    while let bytes = try? from.receive(), !bytes.isEmpty, (try? to.send(bytes)) != nil {}
                    to.endOutput()
                }
                #expect(isStarted)
            }
            #expect(await dialing.events.next() == .opened)
            await dialing.with { $0.send("hello") }
            #expect(await dialing.events.next() == .text("hello"))
            await dialing.with { $0.close(code: 1000) }
            #expect(await dialing.events.next() == .ended(1005, ""))
        }
    }
}
