import ArgumentParser
import AsyngularClient

/// `asyngular connect`.
struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Connect, print what happens and what the server sends, and send what is typed.",
        discussion: """
            What happens is printed as {"type":"connect",…}, "disconnect", "authStateChange", "message" and "error". Each line of \
            standard input is sent: {"event":"NAME","data":…} as it is, and with a "cid" as a call, whose answer is printed as \
            {"type":"answer","cid":…,"data":…} or with an "error". At the end of standard input the connection stays open, unless \
            --once is given.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Flag(help: "End at the end of standard input.")
    var once = false

    @Flag(help: "Connect again when the connection is lost.")
    var reconnect = false

    func run() async throws {
        try await Session.run(connection, reconnects: reconnect) { session in
            let socket = session.socket
            await printStatus(socket)
            if reconnect { return try await converse(socket) }
            try await session.whileConnected { [self] in try await converse(socket) }
        }
    }

    private func printStatus(_ socket: AGClientSocket) async {
        let (id, state) = await (socket.id, socket.authState)
        Output.line(["type": "connect", "id": .string(id ?? ""), "authState": .string(state.rawValue)])
    }

    private func converse(_ socket: AGClientSocket) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for printer in printers(socket) {
                group.addTask {
                    await printer()
                    throw CancellationError()
                }
            }
            group.addTask { [once] in
                let lines = InputLines()
                while let line = await lines.next() { await send(line, socket) }
                if !once { try await Task.sleep(for: .seconds(1 << 40)) }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func printers(_ socket: AGClientSocket) -> [@Sendable () async -> Void] {
        let connected = socket.listener(.connect)
        let disconnected = socket.listener(.disconnect)
        let changed = socket.listener(.authStateChange)
        let failed = socket.listener(.error)
        let messages = socket.listener(.message)
        return [
            { for await _ in connected { await printStatus(socket) } },
            {
                for await closure in disconnected {
                    let code = JSONValue.integer(Int64(closure.code.rawValue))
                    Output.line(["type": "disconnect", "code": code, "reason": .string(closure.reason)])
                }
            },
            {
                for await change in changed {
                    Output.line(["type": "authStateChange", "authState": .string(change.newAuthState.rawValue)])
                }
            },
            { for await error in failed { Output.line(["type": "error", "error": error.dehydrated()]) } },
            { for await message in messages { Self.print(message) } },
        ]
    }

    /// Pings say nothing, and answers are printed where they were asked for.
    private static func print(_ message: AGClientMessage) {
        guard !message.isBinary, !message.bytes.isEmpty, !message.bytes.elementsEqual("#1".utf8) else { return }
        guard let json = try? JSONText(validating: message.bytes) else {
            let text = String(decoding: message.bytes, as: UTF8.self)
            return Output.line(["type": "message", "raw": .string(text)])
        }
        if let packet = try? json.value(), packet["rid"] != nil { return }
        Output.line(JSONText(unchecked: Array("{\"type\":\"message\",\"packet\":".utf8) + json.bytes + Array("}".utf8)))
    }

    private func send(_ line: String, _ socket: AGClientSocket) async {
        guard let packet = try? JSONValue(parsing: Array(line.utf8)), let event = packet["event"]?.stringValue else {
            return Output.error("error: this is no packet: {\"event\":\"NAME\",\"data\":…} is expected")
        }
        let data = packet["data"].map { JSONText($0) }
        guard let cid = packet["cid"] else { return await socket.transmit(event, data) }
        do {
            let answer = try await socket.invoke(event, data)
            let value = (try? answer?.value()) ?? .null
            Output.line(["type": "answer", "cid": cid, "data": value])
        } catch {
            Output.line(["type": "answer", "cid": cid, "error": error.dehydrated()])
        }
    }
}
