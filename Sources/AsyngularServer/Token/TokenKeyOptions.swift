import ArgumentParser

/// Where the secret comes from.
struct TokenKeyOptions: ParsableArguments {
    @Option(
        help: """
            File with the secret; a line break at its end does not count. Without --key-file and --key the environment's \
            ASYNGULAR_AUTH_KEY_FILE or ASYNGULAR_AUTH_KEY is used.
            """
    )
    var keyFile: String?

    @Option(help: "The secret itself. Other users of this machine can read it from the process list: prefer a file.")
    var key: String?

    func validate() throws {
        guard keyFile == nil || key == nil else { throw ValidationError("give --key-file or --key, not both") }
    }

    /// The secret's bytes.
    func secret() throws -> [UInt8] {
        if key != nil {
            Console.errorLine("warning: --key can be read by other users from the process list; prefer --key-file")
        }
        let file = keyFile ?? (key == nil ? Environment["AUTH_KEY_FILE"] : nil)
        guard let text = try key ?? file.map(Secret.read(file:)) ?? Environment["AUTH_KEY"], !text.isEmpty else {
            throw ValidationError("no key: give --key-file FILE or set ASYNGULAR_AUTH_KEY")
        }
        // A PEM text would be an asymmetric key to a stock server. Taken as an HMAC secret, a public one lets everybody sign.
        guard !text.contains("-----BEGIN ") else {
            throw ValidationError("the key is a PEM text; only shared secrets are supported")
        }
        return Array(text.utf8)
    }
}
