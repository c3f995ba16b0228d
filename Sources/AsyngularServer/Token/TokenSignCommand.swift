import ArgumentParser
import JSONWebToken
import StrictJSON

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// `asyngular-server token sign`.
struct TokenSignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign claims and print the token.",
        discussion: """
            "iat" is added unless the claims have it; "exp" only by --expires-in.
            Example: asyngular-server token sign '{"username":"alice"}' --key-file auth.key --expires-in 1d
            """
    )

    @OptionGroup(title: "Key") var key: TokenKeyOptions

    @Argument(help: "The claims, a JSON object; read from standard input when left out or \"-\".")
    var claims: String?

    @Option(help: "How long the token is good: seconds, or a timespan such as 90s, 10m, 2h or 1d.")
    var expiresIn: String?

    @Option(help: "Signing algorithm (default: ASYNGULAR_AUTH_ALGORITHM, or the first that fits the key).")
    var algorithm: String?

    @Option(
        name: .customLong("kid"),
        help: "The key's identifier, for the header; of a set, the key that has it signs."
    )
    var keyID: String?

    func run() throws {
        var options = SigningOptions()
        // Whoever types a bare number means seconds; only `ms` in JavaScript takes it for milliseconds.
        options.expiresIn = expiresIn.map { text in Int64(text).map(Timespan.seconds) ?? .text(text) }

        let signingKey = try key.signingKey(keyID)
        let name = algorithm ?? Environment["AUTH_ALGORITHM"]
        options.algorithm =
            try name.map(TokenAlgorithm.parse) ?? Algorithm.allCases.first(where: signingKey.algorithms.contains)
        if let algorithm = options.algorithm, signingKey.isWeak(for: algorithm) {
            let minimum = algorithm.minimumSecretLength
            Console.errorLine("warning: the key is shorter than the \(minimum) bytes RFC 7518 asks for")
        }
        let input = try TokenInput.read(claims)
        do {
            let object = try Self.parse(input)
            let now = Int64(time(nil))
            Console.line(try TokenSigner().sign(object, key: signingKey, options: options, now: now))
        } catch let error as SigningError {
            Console.errorLine("error: \(error.message)")
            throw ExitCode(1)
        }
    }

    private static func parse(_ json: [UInt8]) throws -> JSONObject {
        do {
            guard let object = try JSONValue(parsing: json, duplicates: .refuse).objectValue else {
                throw SigningError.payloadNotObject
            }
            return object
        } catch let error as JSONError {
            throw SigningError("the claims are not usable: \(error)")
        }
    }
}
