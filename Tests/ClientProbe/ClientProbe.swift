import AsyngularClient
import EventLoop
import Foundation

/// What many clients in one process cost, and that all of them come back.
///
/// `ClientProbe crowd [clients]` connects them (10,000) to a server of its own, kills that server, starts it again on the same port, and
/// waits for all to be open again. `ClientProbe rpc [seconds]` has 64 clients call `echo`, each as soon as it has its answer. Both print what
/// they measured and end with a status other than 0 if a bound is missed. `ClientProbe calls [number [loop]]` has each of them call so
/// many times, for tools that count.
@main
struct ClientProbe {
    static func main() async throws {
        raiseDescriptorLimit()
        let arguments = CommandLine.arguments.dropFirst()
        let number = arguments.dropFirst().first.flatMap { Int($0) }
        switch arguments.first {
        case "crowd": try await Crowd.run(count: number ?? 10_000)
        case "calls": try await RoundTrips.count(calls: number ?? 100, onLoop: arguments.contains("loop"))
        case "rpc": try await RoundTrips.run(seconds: number ?? 5)
        default:
            print("usage: ClientProbe crowd [clients] | rpc [seconds] | calls [number [loop]]")
            exit(2)
        }
    }

    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
