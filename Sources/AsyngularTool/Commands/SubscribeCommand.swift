import ArgumentParser
import AsyngularClient

/// `asyngular subscribe`.
struct SubscribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribe",
        abstract: "Subscribe to channels and print what is published to them.",
        discussion: """
            Says "subscribed CHANNEL" on standard error. The data of one channel is printed as it is, of several as \
            {"channel":…,"data":…}. Ends when the connection is lost, or when the server refuses or takes a channel away.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Argument(help: "The channels.")
    var channels: [String]

    @Option(help: "End after this many messages.")
    var count: Int?

    @Flag(help: "Wait until the client is authenticated.")
    var waitForAuth = false

    @Flag(help: "Connect and subscribe again when the connection is lost.")
    var reconnect = false

    func validate() throws {
        guard !channels.isEmpty else { throw ValidationError("a channel is needed") }
        guard (count ?? 1) > 0 else { throw ValidationError("--count must be positive") }
    }

    func run() async throws {
        try await Session.run(connection, reconnects: reconnect) { session in
            if reconnect { return try await listen(session.socket) }
            try await session.whileConnected { [self] in try await listen(session.socket) }
        }
    }

    private func listen(_ socket: AGClientSocket) async throws {
        let subscribed = socket.listener(.subscribe)
        let failed = socket.listener(.subscribeFail)
        let kicked = socket.listener(.kickOut)
        let counter = MessageCounter(limit: count)
        let options = AGSubscribeOptions(waitForAuth: waitForAuth)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await subscription in subscribed { Output.error("subscribed \(subscription.channel)") }
                throw CancellationError()
            }
            group.addTask {
                let failure = try await failed.once()
                throw ToolFailure(failure.error)
            }
            group.addTask {
                let kickOut = try await kicked.once()
                throw ToolFailure(ToolFailure.refused, "the server took \(kickOut.channel) away")
            }
            for name in channels {
                let channel = await socket.subscribe(name, options)
                group.addTask { [isAlone = channels.count == 1] in
                    for await data in channel {
                        guard await counter.take() else { return }
                        Output.line(isAlone ? data : Self.labelled(name, data))
                        if await counter.isDone { return }
                    }
                    throw CancellationError()
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func labelled(_ channel: String, _ data: JSONText) -> JSONText {
        let head = Array("{\"channel\":".utf8) + JSONValue.string(channel).serialized() + Array(",\"data\":".utf8)
        return JSONText(unchecked: head + data.bytes + Array("}".utf8))
    }
}

/// Counts what is printed, over all channels.
private actor MessageCounter {
    private var left: Int?

    init(limit: Int?) {
        left = limit
    }

    /// Whether nothing more is wanted.
    var isDone: Bool { left == 0 }

    /// Whether one more is wanted.
    func take() -> Bool {
        guard let left else { return true }
        guard left > 0 else { return false }
        self.left = left - 1
        return true
    }
}
