import EventLoop
import TLS
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CertificateTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let server: String
        let name: String
        let code: TLSError.Code?
        let reason: String

        init(_ server: String, _ name: String, _ code: TLSError.Code? = nil, _ reason: String = "") {
            self.server = server
            self.name = name
            self.code = code
            self.reason = reason
        }

        var testDescription: String { "\(server) as \(name)" }
    }

    @Test(
        "a server's certificate has to be trusted, valid, and for the name",
        arguments: [
            Row("server", "localhost"),
            Row("server", "LOCALHOST."),
            Row("server", "server.example"),
            Row("server", "127.0.0.1"),
            Row("server", "[::1]"),
            Row("rsa", "localhost"),
            Row("chain", "localhost"),
            Row("wildcard", "a.wild.example"),
            Row("server", "other.example", .hostNameMismatch, "hostname mismatch"),
            Row("server", "127.0.0.2", .hostNameMismatch, "IP address mismatch"),
            Row("server", "::2", .hostNameMismatch, "IP address mismatch"),
            // The name of an address is an address.
            Row("wildcard", "127.0.0.1", .hostNameMismatch, "IP address mismatch"),
            // A wildcard is one label, a whole one.
            Row("wildcard", "wild.example", .hostNameMismatch, "hostname mismatch"),
            Row("wildcard", "a.b.wild.example", .hostNameMismatch, "hostname mismatch"),
            Row("wildcard", "foo.partial.example", .hostNameMismatch, "hostname mismatch"),
            // The common name does not count.
            Row("nameless", "localhost", .hostNameMismatch, "hostname mismatch"),
            Row("stranger", "localhost", .certificateInvalid, "unable to get local issuer certificate"),
            Row("chained", "localhost", .certificateInvalid, "unable to get local issuer certificate"),
            Row("expired", "localhost", .certificateInvalid, "certificate has expired"),
            Row("future", "localhost", .certificateInvalid, "certificate is not yet valid"),
            Row("misused", "localhost", .certificateInvalid, "unsuitable certificate purpose"),
        ]
    )
    func servers(row: Row) async throws {
        let certificates = try await Certificates.shared()
        let pair = try await Pair(certificates.client(), certificates.server(row.server), serverName: row.name)
        let outcome = await pair.client.outcome()
        if let code = row.code {
            let error = failure(outcome)
            #expect(error?.code == code)
            #expect(error?.reason.lowercased() == row.reason.lowercased())
            // The server is told, by an alert.
            #expect(failure(await pair.server.outcome())?.code == .refusedByPeer)
            #expect(await pair.client.end() == .local)
        } else {
            _ = try outcome.get()
            _ = try await pair.server.outcome().get()
        }
        await pair.shutdown()
    }

    @Test("less can be asked of a server")
    func verification() async throws {
        let certificates = try await Certificates.shared()
        let rows: [(String, TLSOptions.Verification, TLSError.Code?)] = [
            ("server", .certificateOnly, nil), ("stranger", .certificateOnly, .certificateInvalid),
            ("stranger", .none, nil), ("expired", .none, nil),
        ]
        for (name, verification, code) in rows {
            for serverName in ["other.example", nil] {
                let pair = try await Pair(
                    certificates.client { $0.verification = verification },
                    certificates.server(name),
                    serverName: serverName
                )
                #expect(failure(await pair.client.outcome())?.code == code)
                await pair.shutdown()
            }
        }
    }

    @Test("the authorities can be a text, a file, one certificate, and the system's besides")
    func trust() async throws {
        let certificates = try await Certificates.shared()
        let authority = try certificates.text("ca.pem")
        let other = try certificates.text("other.pem")
        let trusts: [(TLSTrust, Bool)] = [
            (.only(.text(authority)), true), (.only(.text(other + "text\n" + authority)), true),
            (.only(.text(other)), false), (.systemAnd(.text(authority)), true), (.system, false),
            (.only(.file(certificates.path("server.pem"))), true),
        ]
        for (trust, isTrusted) in trusts {
            let pair = try await Pair(certificates.client { $0.trust = trust }, certificates.server())
            #expect(failure(await pair.client.outcome())?.code == (isTrusted ? nil : .certificateInvalid))
            await pair.shutdown()
        }
    }

    @Test("a server may ask for a certificate, or insist", arguments: [TLSVersion.tls12, .tls13])
    func clients(version: TLSVersion) async throws {
        let certificates = try await Certificates.shared()
        for policy in [TLSOptions.ClientCertificates.ignored, .requested, .required] {
            let server = try certificates.server { $0.clientCertificates = policy }
            for name in [nil, "client", "impostor"] {
                let pair = try await Pair(
                    certificates.client {
                        $0.identity = name.map { certificates.identity($0) }
                        $0.maximumVersion = version
                    },
                    server
                )
                let expected: TLSError.Code? =
                    switch (policy, name) {
                    case (.required, nil): .certificateRequired
                    case (.requested, "impostor"), (.required, "impostor"): .certificateInvalid
                    default: nil
                    }
                #expect(failure(await pair.server.outcome())?.code == expected)
                let shown = await pair.loop.run { pair.server.filter.peerCertificate() }
                #expect((shown != nil) == (policy != .ignored && name == "client"))
                if expected != nil {
                    // In TLS 1.3 the client's handshake is done before the server has judged.
                    _ = await pair.client.end()
                    #expect(await pair.loop.run { pair.client.filter.failure?.code } == .refusedByPeer)
                }
                await pair.shutdown()
            }
        }
    }

    @Test("the client sees the server's certificate")
    func shown() async throws {
        let certificates = try await Certificates.shared()
        let pair = try await Pair(certificates.client(), certificates.server())
        _ = try await pair.client.outcome().get()
        let certificate = try #require(await pair.loop.run { pair.client.filter.peerCertificate() })
        #expect(certificate.starts(with: [0x30, 0x82]))
        await pair.shutdown()
    }
}
