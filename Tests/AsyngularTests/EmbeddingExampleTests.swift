import Asyngular
import Testing

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

// README.md shows this function's body; the test below holds the two together.
private func serve(key: String) async throws {
    // example
    let server = try AGServer(authKey: key)

    server.procedure("login") { socket, request in  // synchronous: on the event loop, no task, no allocation
        guard let name = request.value?["username"]?.stringValue else {
            throw AGError(name: "LoginError", message: "Invalid user credentials")
        }
        request.end()
        try socket.setAuthToken(["username": .string(name)])
    }

    let connections = server.listener(.connection)
    try await server.listen(host: "127.0.0.1", port: 8000)
    for await connection in connections {
        let socket = connection.socket
        Task(executorPreference: socket.taskExecutor) {  // on the socket's loop: no other thread is woken for a request
            for await request in socket.procedure("greet") {  // asynchronous: code that awaits
                let name = await socket.authToken?["username"]?.stringValue ?? "stranger"
                request.end(.string("Hello, \(name)!"))
            }
        }
    }
    // end of example
}

@Suite struct EmbeddingExampleTests {
    @Test("README.md shows the example that this file compiles")
    func readme() throws {
        let source = try Self.lines(of: #filePath)
        let start = try #require(source.firstIndex { $0.hasSuffix("// example") })
        let end = try #require(source.firstIndex { $0.hasSuffix("// end of example") })
        let example = source[(start + 1)..<end].map { String($0.drop { $0 == " " }) }
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let readme = try Self.lines(of: "/" + root + "/README.md").map { String($0.drop { $0 == " " }) }
        #expect(readme.indices.contains { readme[$0...].starts(with: example) })
    }

    private static func lines(of path: String) throws -> [Substring] {
        guard let file = unsafe fopen(path, "r") else { throw TestClient.Failure(message: "cannot read \(path)") }
        defer { _ = unsafe fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let byte = unsafe fgetc(file)
            guard byte != EOF else { break }
            bytes.append(UInt8(byte))
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }
}
