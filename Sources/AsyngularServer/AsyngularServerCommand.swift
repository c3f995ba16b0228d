import ArgumentParser

@main
struct AsyngularServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "asyngular-server",
        abstract: "A SocketCluster-compatible realtime server that authenticates with JSON Web Tokens.",
        subcommands: [ServeCommand.self, TokenCommand.self],
        defaultSubcommand: ServeCommand.self
    )
}
