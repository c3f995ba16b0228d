import TLS
import Testing

@Suite
struct TLSContextTests {
    @Test("what is wrong with the settings is told, and no more")
    func settings() async throws {
        let certificates = try await Certificates.shared()
        let key = try certificates.text("server.key")
        let damaged = key.replacing("M", with: "*")
        func identity(_ key: PEMSource, _ passphrase: String? = nil) -> TLSIdentity {
            TLSIdentity(certificates: .file(certificates.path("server.pem")), privateKey: key, passphrase: passphrase)
        }
        func expect(_ code: TLSError.Code, _ name: String, _ change: (inout TLSOptions) -> Void) {
            do {
                _ = try certificates.client(change)
                Issue.record("\(name) was accepted")
            } catch {
                #expect((error as? TLSError)?.code == code, "\(name): \(error)")
                for secret in ["sesame", "xxxx", damaged.split(separator: "\n")[1].description] {
                    #expect(!"\(error)".contains(secret), "\(name): \(error)")
                }
            }
        }
        expect(.invalidAuthorities, "a text without a certificate") { $0.trust = .only(.text("nothing")) }
        expect(.invalidAuthorities, "no such file") { $0.trust = .only(.file("/nonexistent/ca.pem")) }
        expect(.invalidAuthorities, "a damaged authority") {
            $0.trust = .only(.text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
        }
        expect(.invalidCertificate, "no such certificate") {
            $0.identity = TLSIdentity(certificates: .file("/nonexistent"), privateKey: .text(key))
        }
        expect(.invalidCertificate, "a key in place of a certificate") {
            $0.identity = TLSIdentity(certificates: .text(key), privateKey: .text(key))
        }
        expect(.invalidPrivateKey, "somebody else's key") {
            $0.identity = identity(.file(certificates.path("client.key")))
        }
        expect(.invalidPrivateKey, "a damaged key") { $0.identity = identity(.text(damaged)) }
        expect(.invalidPrivateKey, "a folder") { $0.identity = identity(.file("/")) }
        let encrypted = PEMSource.file(certificates.path("encrypted.key"))
        expect(.wrongPassphrase, "no passphrase") { $0.identity = identity(encrypted) }
        expect(.wrongPassphrase, "a wrong passphrase") { $0.identity = identity(encrypted, "close-sesame") }
        expect(.wrongPassphrase, "a wrong passphrase, traditional") {
            $0.identity = identity(.file(certificates.path("traditional.key")), "close-sesame")
        }
        expect(.wrongPassphrase, "a very long passphrase") {
            $0.identity = identity(encrypted, String(repeating: "x", count: 5000))
        }
        expect(.invalidOptions, "versions the wrong way round") {
            $0.minimumVersion = .tls13
            $0.maximumVersion = .tls12
        }
        expect(.invalidOptions, "no such cipher") { $0.cipherList = "ROT13" }
        expect(.invalidOptions, "an empty protocol") { $0.applicationProtocols = [""] }
        expect(.invalidOptions, "a long protocol") {
            $0.applicationProtocols = [String(repeating: "x", count: 256)]
        }
        #expect(throws: TLSError(.invalidOptions, "a server needs an identity")) {
            try TLSContext(TLSOptions(role: .server))
        }
    }

    @Test("encrypted keys of both formats are read, and a key and certificate of one text")
    func encrypted() async throws {
        let certificates = try await Certificates.shared()
        let certificate = try certificates.text("server.pem")
        for name in ["encrypted.key", "traditional.key"] {
            let text = try certificates.text(name)
            _ = try certificates.client {
                $0.identity = TLSIdentity(
                    certificates: .text(certificate),
                    privateKey: .text(text),
                    passphrase: "open-sesame"
                )
            }
        }
        let both = try PEMSource.text(certificate + certificates.text("server.key"))
        _ = try certificates.client { $0.identity = TLSIdentity(certificates: both, privateKey: both) }
    }

    @Test("neither keys nor passphrases are printed or dumped")
    func secrecy() async throws {
        let certificates = try await Certificates.shared()
        let key = try certificates.text("encrypted.key")
        var options = TLSOptions(role: .server)
        options.identity = TLSIdentity(
            certificates: .file(certificates.path("server.pem")),
            privateKey: .text(key),
            passphrase: "open-sesame"
        )
        var texts = ["\(options)", String(reflecting: options), String(describing: options.identity)]
        var dumped = ""
        dump(options, to: &dumped)
        dump(try TLSContext(options), to: &dumped)
        texts.append(dumped)
        let line = key.split(separator: "\n")[1]
        // How the bytes of the text would look in a list.
        let bytes = Array(key.utf8.prefix(4)).map(String.init).joined(separator: ", ")
        for text in texts {
            #expect(!text.contains("sesame"))
            #expect(!text.contains(line))
            #expect(!text.contains(bytes))
        }
    }
}
