import ArgumentParser
import AsyngularClient

/// `asyngular publish`.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish to a channel and wait for the server to confirm it.",
        discussion: "Without data each line of standard input is published; it has to be JSON."
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Argument(help: "The channel.")
    var channel: String

    @Argument(help: "What to publish, as JSON.", transform: { try Input.json($0) })
    var data: JSONText?

    func run() async throws {
        try await Session.run(connection) { session in
            let (socket, channel) = (session.socket, channel)
            if let data { return try await socket.invokePublish(channel, data) }
            try await session.whileConnected {
                let lines = InputLines()
                while let line = await lines.next() {
                    guard let json = try? Input.json(line) else {
                        throw ToolFailure(ToolFailure.refused, "a line of standard input is not JSON")
                    }
                    try await socket.invokePublish(channel, json)
                }
            }
        }
    }
}
