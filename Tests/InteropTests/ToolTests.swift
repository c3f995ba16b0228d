import Foundation
import Testing

extension Interop {
    /// A run of the built `asyngular` with its own folder of tokens.
    private struct Tool {
        let server: ServerProcess
        let store = FileManager.default.temporaryDirectory.appendingPathComponent("tool-\(UUID().uuidString)").path

        func run(_ arguments: String..., input: String = "", isStoring: Bool = true) async throws -> Command {
            let folder = try ScratchFolder()
            let child: ChildProcess
            do {
                let input = try folder.open("input", containing: input)
                let output = try folder.open("output")
                let errors = try folder.open("errors")
                child = try ChildProcess.start(
                    Locations.tool,
                    arguments + (isStoring ? ["--store", store] : ["--no-store"]),
                    environment: ["ASYNGULAR_URL": server.url, "SWIFT_BACKTRACE": "enable=no"],
                    input: input.fileDescriptor,
                    output: output.fileDescriptor,
                    errors: errors.fileDescriptor
                )
            }
            let status = await child.exitStatus()
            return Command(status: status, output: folder.text("output"), errors: folder.text("errors"))
        }

        func expect(
            _ command: Command,
            _ status: Int32,
            _ output: String,
            errors: String = "",
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(command.status == status, "\(command.errors)", sourceLocation: sourceLocation)
            #expect(command.output == output, sourceLocation: sourceLocation)
            if errors.isEmpty {
                #expect(command.errors.isEmpty, sourceLocation: sourceLocation)
            } else {
                #expect(command.errors.contains(errors), "\(command.errors)", sourceLocation: sourceLocation)
            }
        }
    }

    private func withTool(_ body: (Tool) async throws -> Void) async throws {
        try await ServerProcess.with(["--demo"]) { server in
            let tool = Tool(server: server)
            defer { try? FileManager.default.removeItem(atPath: tool.store) }
            try await body(tool)
        }
    }

    /// `asyngular call`: answers, errors and their exit status.
    @Test func toolCalls() async throws {
        try await withTool { tool in
            tool.expect(try await tool.run("call", "echo", #"{"a":[1, 2]}"#), 0, "{\"a\":[1, 2]}\n")
            tool.expect(try await tool.run("call", "echo"), 0, "null\n")
            tool.expect(try await tool.run("call", "nothing", "--timeout", "0.5"), 3, "", errors: "TimeoutError")
            tool.expect(try await tool.run("call", "login", #"{"username":"alice"}"#), 1, "", errors: "LoginError")
            tool.expect(try await tool.run("call", "echo", "{"), 64, "", errors: "not JSON")
            tool.expect(try await tool.run("call", "echo", "--header", "A: b\nC: d"), 2, "", errors: "invalid value")
            tool.expect(try await tool.run("call", "echo", "--url", "ftp://a"), 64, "", errors: "scheme")
            tool.expect(try await tool.run("call", "echo", "--url", "ws://127.0.0.1:1"), 2, "", errors: "ECONNREFUSED")
            let elsewhere = tool.server.url.replacingOccurrences(of: "socketcluster", with: "elsewhere")
            tool.expect(try await tool.run("call", "echo", "--url", elsewhere), 2, "", errors: "400")
        }
    }

    /// A login is stored, used by later runs, and removed by a logout; a given token is not stored.
    @Test func toolStoresTokens() async throws {
        try await withTool { tool in
            let login = #"{"username":"alice","password":"right"}"#
            tool.expect(try await tool.run("publish", "room/7", "1"), 1, "", errors: "AccessError")
            tool.expect(try await tool.run("call", "login", login), 0, "null\n")
            let files = try FileManager.default.contentsOfDirectory(atPath: tool.store)
            #expect(files == ["socketcluster.authToken.127.0.0.1%3A\(tool.server.port)"])
            tool.expect(try await tool.run("publish", "room/7", "1"), 0, "")
            tool.expect(try await tool.run("publish", "room/7", "1", isStoring: false), 1, "", errors: "AccessError")
            let token = try String(contentsOfFile: "\(tool.store)/\(files[0])", encoding: .utf8)
            let given = try await tool.run("publish", "room/7", "1", "--token", token, isStoring: false)
            tool.expect(given, 0, "")
            let bad = try await tool.run("call", "echo", "--token", token + "x")
            tool.expect(bad, 1, "", errors: "did not accept the token")
            #expect(!bad.errors.contains(token))
            tool.expect(try await tool.run("publish", "room/7", "1"), 0, "", errors: "")
            tool.expect(try await tool.run("call", "logout"), 0, "null\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: tool.store).isEmpty)
            tool.expect(try await tool.run("publish", "room/7", "1"), 1, "", errors: "AccessError")
        }
    }

    /// What is published from lines of standard input arrives in order.
    @Test func toolSubscribes() async throws {
        try await withTool { tool in
            let refused = try await tool.run("subscribe", "room/7", "--count", "1")
            tool.expect(refused, 1, "", errors: "AccessError")
            // The last message is published again and again until the subscriber, whenever it has come, has it.
            let subscriber = Task { try await tool.run("subscribe", "news", "other", "--count", "3") }
            let isOver = Task { _ = await subscriber.result }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    await isOver.value
                    return true
                }
                group.addTask {
                    while !Task.isCancelled {
                        let published = try await tool.run("publish", "news", input: "1\n\n{\"a\" : 2}\n\"three\"")
                        tool.expect(published, 0, "")
                    }
                    return false
                }
                _ = try await group.next()
                group.cancelAll()
                _ = try? await group.next()
            }
            let command = try await subscriber.value
            #expect(command.status == 0, "\(command.errors)")
            #expect(command.errors.split(separator: "\n").sorted() == ["subscribed news", "subscribed other"])
            let lines = command.output.split(separator: "\n").map(String.init)
            // Whichever of the three it began with.
            let round = ["1", "{\"a\" : 2}", "\"three\""].map { "{\"channel\":\"news\",\"data\":\($0)}" }
            #expect(
                lines.count == 3
                    && (round + round).indices.dropLast(3).contains {
                        (round + round)[$0..<($0 + 3)].elementsEqual(lines)
                    }
            )
        }
    }

    /// `asyngular connect` prints what happens and sends what is typed.
    @Test func toolConverses() async throws {
        try await withTool { tool in
            let input = """
                {"event":"echo","data":5,"cid":7}
                {"event":"login","data":{"username":"alice","password":"wrong"},"cid":"x"}
                {"event":"login","data":{"username":"alice","password":"right"},"cid":8}
                {"event":"hello"}
                nonsense
                """
            let command = try await tool.run("connect", "--once", input: input)
            #expect(command.status == 0)
            #expect(command.errors.contains("this is no packet"))
            let lines = command.output.split(separator: "\n").map(String.init)
            #expect(lines.first?.hasPrefix(#"{"type":"connect","id":""#) == true)
            #expect(lines.first?.hasSuffix(#""authState":"unauthenticated"}"#) == true)
            #expect(lines.contains(#"{"type":"answer","cid":7,"data":5}"#))
            #expect(
                lines.contains { $0.hasPrefix(#"{"type":"answer","cid":"x","error":{"#) && $0.contains("LoginError") }
            )
            #expect(lines.contains(#"{"type":"answer","cid":8,"data":null}"#))
            #expect(lines.contains(#"{"type":"authStateChange","authState":"authenticated"}"#))
            let again = try await tool.run("connect", "--once")
            #expect(again.output.hasSuffix("\"authState\":\"authenticated\"}\n"))
        }
    }
}
