import EventLoop
import Testing

@testable import TLS

@Suite(.timeLimit(.minutes(1)))
struct ResumptionTests {
    /// Connects once, exchanges a byte each way so that tickets have arrived, and ends in some way.
    private func connect(
        _ client: TLSContext,
        _ server: TLSContext,
        name: String = "localhost",
        ending: @escaping @Sendable (Connection) -> Void = { $0.close() }
    ) async throws -> Bool {
        let pair = try await Pair(client, server, serverName: name)
        let parameters = try await pair.client.outcome().get()
        #expect(try await pair.server.outcome().get().isResumed == parameters.isResumed)
        await pair.with(pair.server) { $0.send([1]) }
        #expect(await pair.client.events.next() == .bytes([1]))
        await pair.with(pair.client, ending)
        _ = await pair.client.end()
        await pair.shutdown()
        return parameters.isResumed
    }

    @Test("a later connection begins with the ticket of an earlier one", arguments: [TLSVersion.tls12, .tls13])
    func resumed(version: TLSVersion) async throws {
        let certificates = try await Certificates.shared()
        let client = try certificates.client {
            $0.maximumVersion = version
            $0.identity = certificates.identity("client")
        }
        let server = try certificates.server { $0.clientCertificates = .required }
        #expect(try await !connect(client, server))
        #expect(try await connect(client, server))
        // Also after a connection that was cut, which is when many come back at once.
        #expect(try await connect(client, server, ending: { $0.abort() }))
        #expect(try await connect(client, server))
        // Another name is another server.
        #expect(try await !connect(client, server, name: "server.example"))
        #expect(try await connect(client, server, name: "server.example"))
        // A server that has restarted does not know the ticket.
        let restarted = try certificates.server { $0.clientCertificates = .required }
        #expect(try await !connect(client, restarted))
        #expect(try await connect(client, restarted))
    }

    @Test("not if either side does not want to", arguments: [TLSVersion.tls12, .tls13])
    func refused(version: TLSVersion) async throws {
        let certificates = try await Certificates.shared()
        for (clientWants, serverWants) in [(false, true), (true, false)] {
            let client = try certificates.client {
                $0.maximumVersion = version
                $0.resumesSessions = clientWants
            }
            let server = try certificates.server { $0.resumesSessions = serverWants }
            #expect(try await !connect(client, server))
            #expect(try await !connect(client, server))
        }
    }

    @Test("the tickets of the 64 servers used last are kept")
    func bounded() async throws {
        let certificates = try await Certificates.shared()
        let client = try certificates.client { $0.verification = .certificateOnly }
        let server = try certificates.server()
        for index in 0..<70 { _ = try await connect(client, server, name: "host\(index).example") }
        #expect(client.sessions?.count == TLSSessionStore.limit)
        #expect(try await !connect(client, server, name: "host1.example"))
        #expect(try await connect(client, server, name: "host69.example"))
    }
}
