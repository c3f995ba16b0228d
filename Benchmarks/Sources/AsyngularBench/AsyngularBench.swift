import ArgumentParser

@main
struct AsyngularBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "asyngular-bench",
        abstract: "Loads WebSocket and SocketCluster servers on this machine, and says what they cost.",
        discussion: """
            A server is given by its address (--url, with --pid for its processor time and memory), or by its name in a peers \
            file (--server), and is then started for the run. Only addresses in 127.0.0.0/8 are loaded.
            """,
        subcommands: [
            ConnectCommand.self, EchoCommand.self, FanoutCommand.self, IdleCommand.self, MixedCommand.self,
            AuthCostCommand.self, CompareCommand.self, SuiteCommand.self,
        ]
    )
}
