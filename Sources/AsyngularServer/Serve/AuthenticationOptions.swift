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

    @Option(help: "Signing algorithm: HS256, HS384 or HS512.")
    var authAlgorithm: String?

    @Option(help: "How long tokens signed by the server are good, seconds.")
    var authExpiry: Int = Environment.integer("AUTH_EXPIRY") ?? 86400

    @Option(help: "Where tokens are verified: automatic, inline or offloaded.")
    var authScheduling: String = Environment["AUTH_SCHEDULING"] ?? "automatic"

    func apply(to options: inout AGServerOptions, logger: Logger) throws {
        if authKey != nil {
            Console.errorLine(
                "warning: --auth-key can be read by other users from the process list; prefer --auth-key-file"
            )
        }
        options.authKey = try authKey ?? (authKeyFile ?? Environment["AUTH_KEY_FILE"]).map(Secret.read(file:)) ?? Environment["AUTH_KEY"]
        if options.authKey == nil {
            logger.notice("No auth key was given: tokens are signed with a random key and die with this process")
        }
        if let authAlgorithm = authAlgorithm ?? Environment["AUTH_ALGORITHM"] {
            guard let algorithm = Algorithm(rawValue: authAlgorithm) else {
                throw ValidationError("unknown algorithm \(authAlgorithm)")
            }
            options.authAlgorithm = algorithm
        }
        options.authDefaultExpiry = authExpiry
        switch authScheduling {
        case "automatic": options.authScheduling = .automatic
        case "inline": options.authScheduling = .inline
        case "offloaded": options.authScheduling = .offloaded
        default: throw ValidationError("--auth-scheduling is automatic, inline or offloaded")
        }
    }
}
