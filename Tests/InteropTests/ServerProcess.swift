import Foundation
import Testing

/// The built `asyngular-server`, running as a process of its own on a free port.
final class ServerProcess: Sendable {
    /// The key the server is given; the Python peers get the same one.
    static let authKey = "test-key-" + String(repeating: "0123456789abcdef", count: 4)

    /// From the ready line: `ws://127.0.0.1:PORT/socketcluster/`.
    let url: String
    private let child: ChildProcess
    private let folder: ScratchFolder

    /// The port of ``url``.
    var port: Int { URL(string: url)?.port ?? 0 }

    var processIdentifier: Int32 { child.identifier }

    /// What the server wrote to standard error so far.
    var errors: String { folder.text("errors") }

    private init(url: String, child: ChildProcess, folder: ScratchFolder) {
        self.url = url
        self.child = child
        self.folder = folder
    }

    /// Runs a server for the time of the body, and then expects that it is still there and that SIGTERM ends it with
    /// status 0.
    static func with(_ arguments: [String], _ body: (ServerProcess) async throws -> Void) async throws {
        let server = try await start(arguments)
        do {
            try await body(server)
        } catch {
            _ = await server.stop()
            throw error
        }
        let status = await server.stop()
        #expect(status == 0, "the server ended with \(status):\n\(server.errors.suffix(4000))")
    }

    /// Starts `asyngular-server serve --port 0` with these options and waits for its ready line.
    static func start(_ arguments: [String]) async throws -> ServerProcess {
        raiseDescriptorLimit()
        let folder = try ScratchFolder()
        let output = Pipe()
        let child: ChildProcess
        do {
            let input = try folder.open("input")
            let errors = try folder.open("errors")
            child = try ChildProcess.start(
                Locations.serverBinary,
                ["serve", "--host", "127.0.0.1", "--port", "0"] + arguments,
                environment: ["ASYNGULAR_AUTH_KEY": authKey, "SWIFT_BACKTRACE": "enable=no"],
                input: input.fileDescriptor,
                output: output.fileHandleForWriting.fileDescriptor,
                errors: errors.fileDescriptor
            )
            // Now only the child holds the writing end: the pipe ends with it.
            try output.fileHandleForWriting.close()
        }
        let line = await firstLine(of: output.fileHandleForReading)
        guard let line, line.hasPrefix("ready ws://") else {
            child.signal(SIGKILL)
            _ = await child.exitStatus()
            throw NotStarted(description: "no ready line but \(line ?? "nothing"); errors: \(folder.text("errors"))")
        }
        return ServerProcess(url: String(line.dropFirst("ready ".count)), child: child, folder: folder)
    }

    /// Sends SIGTERM to this process only and gives its exit status; after 15 s SIGKILL.
    func stop() async -> Int32 {
        child.signal(SIGTERM)
        return await waitForExit()
    }

    /// Waits for the end of the process, at most 15 s.
    func waitForExit() async -> Int32 {
        let deadline = DispatchSource.makeTimerSource()
        deadline.schedule(deadline: .now() + 15)
        deadline.setEventHandler { [child] in child.signal(SIGKILL) }
        deadline.resume()
        defer { deadline.cancel() }
        return await child.exitStatus()
    }

    /// The first line that comes, or what there was without a line break at the end.
    private static func firstLine(of handle: FileHandle) async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var bytes: [UInt8] = []
                while !bytes.contains(0x0A) {
                    let data = handle.availableData
                    if data.isEmpty { break }
                    bytes.append(contentsOf: data)
                }
                let line = bytes.prefix { $0 != 0x0A }
                continuation.resume(returning: line.isEmpty ? nil : String(decoding: line, as: UTF8.self))
            }
        }
    }

    /// Thousands of connections need as many descriptors; a child inherits the limit.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
