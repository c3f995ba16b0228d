import StrictJSON
import Testing

@testable import JSONWebToken

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

@Suite struct KeyDecoderTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let name: String
        let pem: String
        let type: KeyType
        var passphrase: String?
        /// The public key of the pair, to see that the right key was read.
        var other: String?
        var testDescription: String { name }

        /// Under Swift's ThreadSanitizer OpenSSL does not find its decoders for the DER encodings that name no algorithm
        /// (PKCS#1, SEC 1); a program of ten lines shows the same, and gcc's sanitizer does not.
        var isReadAsDER: Bool {
            guard let sanitizer = unsafe getenv("ASYNGULAR_SANITIZER"), unsafe String(cString: sanitizer) == "thread"
            else {
                return true
            }
            return !["RSA PRIVATE", "RSA PUBLIC", "EC PRIVATE"].contains { pem.contains("BEGIN \($0) KEY") }
        }
    }

    static let privateKeys = [
        Sample(name: "RSA PKCS#8", pem: TestKeys.rsa, type: .rsa, other: TestKeys.rsaPublic),
        Sample(name: "RSA PKCS#1", pem: TestKeys.rsaPKCS1, type: .rsa, other: TestKeys.rsaPublic),
        Sample(
            name: "RSA PKCS#8 encrypted",
            pem: TestKeys.rsaEncrypted,
            type: .rsa,
            passphrase: TestKeys.passphrase,
            other: TestKeys.rsaPublic
        ),
        Sample(
            name: "RSA PKCS#1 encrypted",
            pem: TestKeys.rsaTraditionalEncrypted,
            type: .rsa,
            passphrase: TestKeys.passphrase,
            other: TestKeys.rsaPublic
        ),
        Sample(name: "RSA-PSS", pem: TestKeys.rsaPSS, type: .rsaPSS),
        Sample(name: "P-256 PKCS#8", pem: TestKeys.p256, type: .p256, other: TestKeys.p256Public),
        Sample(name: "P-256 SEC 1", pem: TestKeys.p256SEC1, type: .p256, other: TestKeys.p256Public),
        Sample(
            name: "P-256 encrypted",
            pem: TestKeys.p256Encrypted,
            type: .p256,
            passphrase: TestKeys.passphrase,
            other: TestKeys.p256Public
        ),
        Sample(name: "P-256 behind parameters", pem: TestKeys.p256WithParameters, type: .p256),
        Sample(name: "P-384 PKCS#8", pem: TestKeys.p384, type: .p384, other: TestKeys.p384Public),
        Sample(name: "P-384 SEC 1", pem: TestKeys.p384SEC1, type: .p384, other: TestKeys.p384Public),
        Sample(name: "P-521 PKCS#8", pem: TestKeys.p521, type: .p521, other: TestKeys.p521Public),
        Sample(name: "P-521 SEC 1", pem: TestKeys.p521SEC1, type: .p521, other: TestKeys.p521Public),
        Sample(name: "Ed25519", pem: TestKeys.ed25519, type: .ed25519, other: TestKeys.ed25519Public),
    ]
    static let publicKeys = [
        Sample(name: "RSA SPKI", pem: TestKeys.rsaPublic, type: .rsa, other: TestKeys.rsa),
        Sample(name: "RSA PKCS#1", pem: TestKeys.rsaPublicPKCS1, type: .rsa, other: TestKeys.rsa),
        Sample(name: "RSA certificate", pem: TestKeys.rsaCertificate, type: .rsa, other: TestKeys.rsa),
        Sample(name: "P-256 SPKI", pem: TestKeys.p256Public, type: .p256, other: TestKeys.p256),
        Sample(name: "P-256 compressed", pem: TestKeys.p256Compressed, type: .p256, other: TestKeys.p256),
        Sample(name: "P-256 certificate", pem: TestKeys.p256Certificate, type: .p256, other: TestKeys.p256),
        Sample(name: "P-384 SPKI", pem: TestKeys.p384Public, type: .p384, other: TestKeys.p384),
        Sample(name: "P-521 SPKI", pem: TestKeys.p521Public, type: .p521, other: TestKeys.p521),
        Sample(name: "Ed25519 SPKI", pem: TestKeys.ed25519Public, type: .ed25519, other: TestKeys.ed25519),
    ]
    /// What no key is made of, and why.
    static let refused: [(String, KeyError.Code)] = [
        ("", .noKey), ("secret", .noKey), ("-----BEGIN PRIVATE KEY-----", .malformed),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", .malformed),
        ("-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----", .malformed),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", .malformed),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", .unsupported),
        (TestKeys.rsaEncrypted, .passphraseRequired), (TestKeys.rsaTraditionalEncrypted, .passphraseRequired),
        (TestKeys.p256Encrypted, .passphraseRequired), (TestKeys.rsaShort, .weak),
        (TestKeys.secp256k1, .unsupported), (TestKeys.p256Explicit, .unsupported), (TestKeys.ed448, .unsupported),
        (String(repeating: " ", count: KeyDecoder.maximumLength + 1), .tooLarge),
    ]

    @Test(arguments: privateKeys)
    func readsPrivateKeys(_ sample: Sample) throws {
        let signing = try SigningKey.pem(sample.pem, passphrase: sample.passphrase, kid: "k")
        #expect(signing.type == sample.type)
        #expect(signing.keyID == "k")
        let verification = try VerificationKey.pem(sample.pem, passphrase: sample.passphrase)
        #expect(verification.type == sample.type)
        #expect(verification.material.key?.isPrivate == false)
        #expect(signing.verificationKey.material.key?.isPrivate == false)
        #expect(signing.verificationKey.jwk?["x"] == verification.jwk?["x"])
        if let other = sample.other {
            let wanted = try VerificationKey.pem(other).jwk
            #expect(wanted != nil)
            #expect(verification.jwk == wanted)
        }
        guard sample.passphrase == nil, !sample.pem.contains("EC PARAMETERS"), sample.isReadAsDER else { return }
        let der = TestKeys.der(sample.pem)
        #expect(try SigningKey.der(der).type == sample.type)
        #expect(try VerificationKey.der(der).jwk == verification.jwk)
    }

    @Test(arguments: publicKeys)
    func readsPublicKeys(_ sample: Sample) throws {
        let key = try VerificationKey.pem(sample.pem, kid: "k")
        #expect(key.type == sample.type)
        #expect(key.keyID == "k")
        #expect(key.algorithms == sample.type.algorithms)
        let other = try #require(sample.other)
        #expect(code { try SigningKey.pem(sample.pem) } == .privateKeyRequired)
        guard sample.isReadAsDER else { return }
        #expect(try VerificationKey.der(TestKeys.der(sample.pem)).jwk == VerificationKey.pem(other).jwk)
        #expect(code { try SigningKey.der(TestKeys.der(sample.pem)) } == .privateKeyRequired)
    }

    @Test(arguments: refused)
    func refusesWithAReason(_ text: String, _ wanted: KeyError.Code) {
        let isPublic = text.contains("PUBLIC") || text.contains("CERTIFICATE")
        #expect(code { try SigningKey.pem(text) } == (isPublic ? .privateKeyRequired : wanted))
        #expect(code { try VerificationKey.pem(text) } == wanted)
    }

    @Test func encryptedKeysNeedTheRightPassphrase() {
        for pem in [TestKeys.rsaEncrypted, TestKeys.rsaTraditionalEncrypted, TestKeys.p256Encrypted] {
            for wrong in ["", "open sesame", "\u{0}"] {
                #expect(code { try SigningKey.pem(pem, passphrase: wrong) } == .wrongPassphrase)
                #expect(code { try VerificationKey.pem(pem, passphrase: wrong) } == .wrongPassphrase)
            }
        }
        let der = TestKeys.der(TestKeys.rsaEncrypted)
        #expect(code { try SigningKey.der(der) } == .passphraseRequired)
        #expect(code { try SigningKey.der(der, passphrase: "wrong") } == .wrongPassphrase)
        #expect(throws: Never.self) { try SigningKey.der(der, passphrase: TestKeys.passphrase) }
    }

    @Test func takesTheFirstFittingBlock() throws {
        let both = TestKeys.p384 + "\n" + TestKeys.rsaPublic + "\n" + TestKeys.p256Certificate
        #expect(try SigningKey.pem(both).type == .p384)
        #expect(try VerificationKey.pem(both).type == .rsa)
        let windows = String(TestKeys.rsaPublic.replacing("\n", with: "\r\n"))
        #expect(try VerificationKey.pem("Bag Attributes\r\n" + windows + "\r\n").type == .rsa)
    }

    @Test func encodingsMustBeWhole() {
        for pem in [TestKeys.rsa, TestKeys.rsaPublic, TestKeys.p256Public, TestKeys.p256Certificate, TestKeys.ed25519] {
            let der = TestKeys.der(pem)
            #expect(code { try VerificationKey.der(der + [0]) } == .malformed)
            for count in [1, 2, der.count / 2, der.count - 1] {
                #expect(code { try VerificationKey.der(Array(der[..<count])) } == .malformed)
            }
        }
        #expect(code { try VerificationKey.der([]) } == .noKey)
        #expect(code { try VerificationKey.der([0x30, 0x00]) } == .malformed)
    }

    /// No message has a line of the key in it.
    @Test func messagesNameNoKey() {
        for (text, _) in Self.refused {
            for read in [{ try _ = SigningKey.pem(text) }, { try _ = VerificationKey.pem(text) }] as [() throws -> Void]
            {
                guard let message = message(read) else { continue }
                for line in text.split(separator: "\n") where line.count > 16 && !line.hasPrefix("-----") {
                    #expect(!message.contains(line))
                }
                #expect(message.count < 100)
            }
        }
    }

    private func code(_ body: () throws -> some Any) -> KeyError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? KeyError)?.code
        }
    }

    private func message(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? KeyError)?.message
        }
    }
}
