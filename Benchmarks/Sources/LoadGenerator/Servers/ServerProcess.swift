import BenchmarkKit
import CBenchSupport

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A server that was started to be measured.
public final class ServerProcess: Sendable {
    /// Why a server did not start.
    public struct Failure: Error, CustomStringConvertible {
        /// What happened.
        public let description: String
    }

    /// Its process.
    public let pid: Int32
    /// Where it listens.
    public let url: String
    /// Where it echoes plain messages.
    public let echoURL: String?
    /// How it was started.
    public let command: [String]

    /// Starts a peer and waits for its ready line.
    ///
    /// - Parameters:
    ///   - peer: the server.
    ///   - arguments: further arguments, placeholders filled in.
    ///   - values: values of the placeholders; `port` is added.
    ///   - root: the directory that relative paths start from.
    ///   - processors: a mask of the processors it may use, 0 for all.
    public init(
        _ peer: PeerDescription,
        arguments: [String] = [],
        values: [String: String],
        root: String,
        processors: UInt64
    ) throws(Failure) {
        var values = values
        let port = bench_free_port()
        guard port > 0 else { throw Failure(description: "no free port") }
        values["port"] = String(port)
        let all = values
        let command = (peer.command + arguments).map { PeerDescription.fill($0, all) }
        url = PeerDescription.fill(peer.url, all)
        echoURL = peer.echoURL.map { PeerDescription.fill($0, all) }
        self.command = command
        let extra = (peer.environment ?? [:]).map { "\($0.key)=\(PeerDescription.fill($0.value, all))" }
        let started = try Self.spawn(command, environment: extra, directory: root, processors: processors)
        pid = started.pid
        guard Self.wait(forLine: peer.ready, on: started.output) else {
            bench_stop(pid, 1000)
            Glibc.close(started.output)
            throw Failure(description: "\(peer.name) did not print its ready line: \(command.joined(separator: " "))")
        }
        bench_drain(started.output)
    }

    /// Ends the server. Blocks until it is gone.
    public func stop() {
        bench_stop(pid, 3000)
    }

    /// Runs a short command to its end and gives its output.
    public static func output(of command: [String], directory: String? = nil) throws(Failure) -> String {
        let started = try spawn(command, environment: [], directory: directory, processors: 0)
        var text: [UInt8] = []
        var buffer = [CChar](repeating: 0, count: 4096)
        while true {
            let count = unsafe bench_read(started.output, &buffer, Int32(buffer.count), 60_000)
            guard count > 0 else { break }
            text += buffer[..<Int(count)].map { UInt8(bitPattern: $0) }
        }
        Glibc.close(started.output)
        let status = bench_wait(started.pid, 60_000)
        guard status == 0 else { throw Failure(description: "\(command.first ?? "") failed") }
        return String(decoding: text, as: UTF8.self)
    }

    private static func spawn(
        _ command: [String],
        environment: [String],
        directory: String?,
        processors: UInt64
    ) throws(Failure) -> (pid: Int32, output: Int32) {
        var pid: pid_t = 0
        var output: Int32 = -1
        var inherited: [String] = []
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            unsafe inherited.append(String(cString: text))
            unsafe entry += 1
        }
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        var variables = unsafe (inherited + environment).map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe arguments.indices { unsafe free(arguments[index]) }
            for index in unsafe variables.indices { unsafe free(variables[index]) }
        }
        let status = unsafe bench_spawn(&arguments, &variables, directory, processors, &pid, &output)
        guard status == 0 else {
            throw Failure(description: "cannot start \(command.first ?? ""): \(LoadDriver.name(ofError: -status))")
        }
        return (pid, output)
    }

    private static func wait(forLine start: String, on output: Int32) -> Bool {
        var text: [UInt8] = []
        var buffer = [CChar](repeating: 0, count: 4096)
        for _ in 0..<200 {
            let count = unsafe bench_read(output, &buffer, Int32(buffer.count), 100)
            if count == 0 { return false }
            guard count > 0 else { continue }
            text += buffer[..<Int(count)].map { UInt8(bitPattern: $0) }
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            if lines.dropLast().contains(where: { $0.hasPrefix(start) }) { return true }
        }
        return false
    }
}
