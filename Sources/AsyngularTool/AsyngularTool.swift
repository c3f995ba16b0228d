import ArgumentParser

@main
struct AsyngularTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "asyngular",
        abstract: "Talks to a SocketCluster-compatible server from the command line.",
        discussion: """
            Prints one JSON value per line on standard output and everything else on standard error.

            Exit status: 0 success; 1 the server answered with an error; 2 no connection, or it was lost; 3 no answer in time; \
            64 a wrong command line.
            """,
        subcommands: [ConnectCommand.self, CallCommand.self, SubscribeCommand.self, PublishCommand.self]
    )
}
