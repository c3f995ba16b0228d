import Foundation
import TLS

/// A certificate for `localhost` and `127.0.0.1`, signed by itself, made by the openssl command once in a run.
struct TestCertificate: Sendable {
    let certificate: String
    let key: String

    struct Failure: Error {
        let text: String
    }

    private static let made = Task {
        let command = try await Command.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                "/dev/stdout",
                "-out", "/dev/stdout",
            ]
        )
        guard command.status == 0, let split = command.output.range(of: "-----BEGIN CERTIFICATE") else {
            throw Failure(text: command.errors)
        }
        return TestCertificate(
            certificate: String(command.output[split.lowerBound...]),
            key: String(command.output[..<split.lowerBound])
        )
    }

    static func shared() async throws -> TestCertificate { try await made.value }

    func server() throws -> TLSContext {
        var options = TLSOptions(role: .server)
        options.identity = TLSIdentity(certificates: .text(certificate), privateKey: .text(key))
        return try TLSContext(options)
    }

    func client() throws -> TLSContext {
        var options = TLSOptions()
        options.trust = .only(.text(certificate))
        return try TLSContext(options)
    }
}
