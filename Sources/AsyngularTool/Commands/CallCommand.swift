import ArgumentParser
import AsyngularClient

/// `asyngular call`.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call a procedure of the server and print its answer.",
        discussion: "An answer without data is printed as null."
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Argument(help: "The procedure.")
    var event: String

    @Argument(help: "What goes along, as JSON.", transform: { try Input.json($0) })
    var data: JSONText?

    func run() async throws {
        try await Session.run(connection) { session in
            Output.line(try await session.socket.invoke(event, data))
        }
    }
}
