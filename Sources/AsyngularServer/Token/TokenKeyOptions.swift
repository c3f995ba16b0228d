import ArgumentParser
import Asyngular

/// Where the key comes from.
struct TokenKeyOptions: ParsableArguments {
    @Option(
        help: """
            File with the secret; a line break at its end does not count. Without any of these options the environment's \
            ASYNGULAR_AUTH_KEY_FILE or ASYNGULAR_AUTH_KEY is used.
            """
    )
    var keyFile: String?

    @Option(help: "The secret itself. Other users of this machine can read it from the process list: prefer a file.")
    var key: String?

    @Option(
        help: """
            File with a private key, PEM. If it is encrypted, the passphrase is the environment's \
            ASYNGULAR_AUTH_PRIVATE_KEY_PASSPHRASE.
            """
    )
    var privateKeyFile: String?

    @Option(help: "File with a public key or certificate, PEM, to verify with.")
    var publicKeyFile: String?

    @Option(help: "File with a JWK Set or a JWK.")
    var jwksFile: String?

    func validate() throws {
        guard [keyFile, key, privateKeyFile, publicKeyFile, jwksFile].compactMap(\.self).count <= 1 else {
            throw ValidationError(
                "give one of --key-file, --key, --private-key-file, --public-key-file and --jwks-file"
            )
        }
    }

    /// The key to sign with.
    ///
    /// - Parameter keyID: of the token; of a set, the key that has it signs.
    func signingKey(_ keyID: String?) throws -> SigningKey {
        if publicKeyFile != nil { throw ValidationError("signing needs a private key: give --private-key-file") }
        if let jwksFile {
            guard let key = try ring(jwksFile, keyID).signature else {
                throw ValidationError("\(jwksFile) has no private key or secret")
            }
            return key
        }
        if let privateKeyFile {
            return try reading(privateKeyFile) { (text) throws(KeyError) in
                try .pem(text, passphrase: Environment["AUTH_PRIVATE_KEY_PASSPHRASE"], kid: keyID)
            }
        }
        return .hmac(secret: try secret(), kid: keyID)
    }

    /// The keys to verify with.
    func verificationKeys() throws -> KeySet {
        if let jwksFile { return try ring(jwksFile, nil).verification }
        if let file = publicKeyFile ?? privateKeyFile {
            let key = try reading(file) { (text) throws(KeyError) in
                try VerificationKey.pem(text, passphrase: Environment["AUTH_PRIVATE_KEY_PASSPHRASE"])
            }
            return KeySet([key])
        }
        return KeySet([.hmac(secret: try secret())])
    }

    private func ring(_ file: String, _ keyID: String?) throws -> AGKeyRing {
        do throws(KeyError) {
            return try AGKeyFileSource(file, signingKeyID: keyID).initialKeys() ?? AGKeyRing(signature: nil)
        } catch {
            throw ValidationError(error.message)
        }
    }

    private func reading<Key>(_ file: String, _ parse: (String) throws(KeyError) -> Key) throws -> Key {
        let text = try Secret.read(file: file)
        do throws(KeyError) {
            return try parse(text)
        } catch {
            throw ValidationError("\(file): \(error.message)")
        }
    }

    /// The secret's bytes.
    private func secret() throws -> [UInt8] {
        if key != nil {
            Console.errorLine("warning: --key can be read by other users from the process list; prefer --key-file")
        }
        let file = keyFile ?? (key == nil ? Environment["AUTH_KEY_FILE"] : nil)
        guard let text = try key ?? file.map(Secret.read(file:)) ?? Environment["AUTH_KEY"], !text.isEmpty else {
            throw ValidationError(
                "no key: give --key-file, --private-key-file, --public-key-file or --jwks-file, or set ASYNGULAR_AUTH_KEY"
            )
        }
        do throws(KeyError) {
            try SharedSecret.check(Array(text.utf8))
        } catch {
            throw ValidationError("\(error.message): give --private-key-file or --public-key-file")
        }
        return Array(text.utf8)
    }
}
