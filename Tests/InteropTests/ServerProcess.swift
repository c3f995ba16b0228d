import Foundation
import Synchronization
import Testing

/// The built `asyngular-server`, running as a process of its own on a free port.
final class ServerProcess: Sendable {
    /// The key the server is given; the Python peers get the same one.
    static let authKey = "test-key-" + String(repeating: "0123456789abcdef", count: 4)

    /// From the ready line: `ws://127.0.0.1:PORT/socketcluster/`.
    let url: String
    let processIdentifier: Int32
    private let process: Mutex<Process>
    private let exit: AsyncStream<Int32>
    private let log: LogCollector

    /// The port of ``url``.
    var port: Int { URL(string: url)?.port ?? 0 }

    /// What the server wrote to standard error so far.
    var errors: String { log.text }

    private init(
        url: String,
        process: consuming sending Process,
        identifier: Int32,
        exit: AsyncStream<Int32>,
        log: LogCollector
    ) {
        self.url = url
        processIdentifier = identifier
        self.process = Mutex(process)
        self.exit = exit
        self.log = log
    }

    /// Runs a server for the time of the body, and then expects that it is still there and that SIGTERM ends it with
    /// status 0.
    static func with(
        _ arguments: [String],
        _ body: (ServerProcess) async throws -> Void
    ) async throws {
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
        let process = Process()
        process.executableURL = Locations.serverBinary
        process.arguments = ["serve", "--host", "127.0.0.1", "--port", "0"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging([
            "ASYNGULAR_AUTH_KEY": authKey, "SWIFT_BACKTRACE": "enable=no",
        ]) { $1 }
        let output = Pipe()
        let errors = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors

        let log = LogCollector()
        errors.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            log.append(data)
        }
        let (lines, feed) = AsyncStream<String>.makeStream()
        let standardOutput = LogCollector()
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                feed.finish()
            }
            standardOutput.append(data)
            if standardOutput.text.contains("\n") { feed.yield(standardOutput.text) }
        }
        let (exit, ended) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = {
            ended.yield($0.terminationStatus)
            ended.finish()
        }
        try process.run()
        let identifier = process.processIdentifier

        for await text in lines {
            guard let line = text.split(separator: "\n").first, line.hasPrefix("ready ws://") else { break }
            feed.finish()
            return ServerProcess(
                url: String(line.dropFirst("ready ".count)),
                process: process,
                identifier: identifier,
                exit: exit,
                log: log
            )
        }
        if process.isRunning { kill(identifier, SIGKILL) }
        throw NotReady(description: "no ready line; output: \(standardOutput.text) errors: \(log.text)")
    }

    /// Sends SIGTERM to this process only and gives its exit status; after 15 s SIGKILL.
    func stop() async -> Int32 {
        if process.withLock({ $0.isRunning }) { kill(processIdentifier, SIGTERM) }
        return await waitForExit()
    }

    /// Waits for the end of the process, at most 15 s.
    func waitForExit() async -> Int32 {
        let identifier = processIdentifier
        let deadline = DispatchSource.makeTimerSource()
        deadline.schedule(deadline: .now() + 15)
        deadline.setEventHandler { kill(identifier, SIGKILL) }
        deadline.resume()
        defer { deadline.cancel() }
        for await status in exit { return status }
        return process.withLock { $0.terminationStatus }
    }

    /// Thousands of connections need as many descriptors; a child inherits the limit.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// The server did not say that it listens.
struct NotReady: Error, CustomStringConvertible {
    let description: String
}

/// Text that a process writes, collected from whatever thread delivers it.
final class LogCollector: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    func append(_ data: Data) {
        bytes.withLock { $0.append(contentsOf: data) }
    }
}
