import ArgumentParser
import Asyngular
import JSONWebToken
import Logging

/// The keys and how tokens are checked.
struct AuthenticationOptions: ParsableArguments {
    @Option(
        help: """
            File with the secret that signs and verifies tokens; a line break at its end does not count. Without a key \
            (this, --auth-key or ASYNGULAR_AUTH_KEY) a random one is made, and tokens die with the process.
            """
    )
    var authKeyFile: String?

    @Option(help: "The secret itself. Other users of this machine can read it from the process list: prefer a file.")
    var authKey: String?

    @Option(help: "File with a private key, PEM, that signs tokens; goes with --auth-public-key-file.")
    var authPrivateKeyFile: String?

    @Option(help: "File with the public key or certificate, PEM, that verifies tokens.")
    var authPublicKeyFile: String?

    @Option(
        help: """
            File with a JWK Set (or JWK or PEM), or a folder of key files: every key verifies, and the first private one \
            signs. Read again when it changes, and on SIGHUP. Instead of the other keys.
            """
    )
    var authKeysFile: String?

    @Option(help: "The kid of the key in --auth-keys-file that signs, if it is not to be the first that can.")
    var authSigningKid: String?

    @Option(help: "Signing algorithm, and the only one accepted: HS256 (for a secret), RS256, PS256, ES256, EdDSA, …")
    var authAlgorithm: String?

    @Option(help: "How long tokens signed by the server are good, seconds.")
    var authExpiry: Int = Environment.integer("AUTH_EXPIRY") ?? 86400

    /// - Returns: the files to be read again on SIGHUP.
    func apply(to options: inout AGServerOptions, logger: Logger) throws -> AGKeyFileSource? {
        let source = try applyKeys(to: &options, logger: logger)
        if let authAlgorithm = authAlgorithm ?? Environment["AUTH_ALGORITHM"] {
            guard let algorithm = Algorithm(rawValue: authAlgorithm) else {
                throw ValidationError("unknown algorithm \(authAlgorithm)")
            }
            options.authAlgorithm = algorithm
        }
        options.authDefaultExpiry = authExpiry
        return source
    }

    private func applyKeys(to options: inout AGServerOptions, logger: Logger) throws -> AGKeyFileSource? {
        let passphrase = Environment["AUTH_PRIVATE_KEY_PASSPHRASE"]
        let source = (authKeysFile ?? Environment["AUTH_KEYS_FILE"]).map { path in
            AGKeyFileSource(
                path,
                signingKeyID: authSigningKid ?? Environment["AUTH_SIGNING_KID"],
                passphrase: passphrase
            )
        }
        if let source {
            options.authKeySource = source
            // The command line counts for more than the environment, which may hold a key for other programs.
            guard authKeysFile == nil || authKey != nil || authKeyFile != nil || authPrivateKeyFile != nil else {
                return source
            }
        }
        if authKey != nil {
            Console.errorLine(
                "warning: --auth-key can be read by other users from the process list; prefer --auth-key-file"
            )
        }
        options.authKey =
            try authKey ?? (authKeyFile ?? Environment["AUTH_KEY_FILE"]).map(Secret.read(file:))
            ?? Environment["AUTH_KEY"]
        options.authPrivateKey = try (authPrivateKeyFile ?? Environment["AUTH_PRIVATE_KEY_FILE"]).map(
            Secret.read(file:)
        )
        options.authPublicKey = try (authPublicKeyFile ?? Environment["AUTH_PUBLIC_KEY_FILE"]).map(Secret.read(file:))
        options.authPrivateKeyPassphrase = passphrase
        if options.authKey == nil, options.authPrivateKey == nil, source == nil {
            logger.notice("No auth key was given: tokens are signed with a random key and die with this process")
        }
        return source
    }
}
