import ArgumentParser

/// `asyngular-server token`: tokens at the shell.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Sign, verify or look into a JSON Web Token; make keys.",
        subcommands: [
            TokenSignCommand.self, TokenVerifyCommand.self, TokenInspectCommand.self, TokenGenerateKeyCommand.self,
            TokenPublicKeysCommand.self,
        ]
    )
}
