import AsyngularClient
import EventLoop
import WebSocket

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Runs all cases of an Autobahn `fuzzingserver` with an echoing client, then has it write its report.
///
///     ConformanceClient ws://127.0.0.1:9001
@main
enum ConformanceClient {
    static let agent = "asyngular-client"

    static func main() async {
        guard CommandLine.arguments.count == 2 else { fail("usage: ConformanceClient URL") }
        do {
            let loop = try EventLoop()
            let base = CommandLine.arguments[1]
            guard let count = Int(try await converse(base + "/getCaseCount", on: loop)) else {
                fail("the server does not say how many cases there are")
            }
            for number in stride(from: 1, through: count, by: 1) {
                _ = try await converse("\(base)/runCase?case=\(number)&agent=\(agent)", on: loop)
            }
            _ = try await converse("\(base)/updateReports?agent=\(agent)", on: loop)
            await loop.shutdown()
            print("\(count) cases")
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ message: String) -> Never {
        let line = Array("ConformanceClient: \(message)\n".utf8)
        _ = unsafe write(STDERR_FILENO, line, line.count)
        exit(1)
    }

    /// Opens a WebSocket and echoes until the server ends it.
    ///
    /// - Returns: the first text.
    private static func converse(_ url: String, on loop: EventLoop) async throws -> String {
        let endpoint = try ClientEndpoint(url)
        var options = DialOptions()
        // Group 9 has messages of 16 MiB, which are echoed whole.
        options.connection.outputLimit = 64 * 1024 * 1024
        let result: Result<String, DialError> = await withCheckedContinuation { continuation in
            loop.execute { [options] in
                _ = Dialer.dial(
                    endpoint,
                    options: options,
                    on: loop,
                    makeWebSocket: { EchoSocket($0) { continuation.resume(returning: .success($0)) } },
                    failed: { continuation.resume(returning: .failure($0)) }
                )
            }
        }
        return try result.get()
    }
}
