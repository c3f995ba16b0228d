import ArgumentParser
import Asyngular
import EventLoop

/// Where the server listens and how many loops it runs.
struct EndpointOptions: ParsableArguments {
    @Option(help: "IP address to listen on.")
    var host: String = Environment["HOST"] ?? "127.0.0.1"

    @Option(help: "Port to listen on; 0 takes any free one.")
    var port: Int = Environment.integer("PORT") ?? 8000

    @Option(help: "Listen on a Unix-domain socket at this path instead.")
    var unixSocket: String?

    @Option(help: "Path that clients connect to.")
    var path: String = Environment["PATH_PREFIX"] ?? "/socketcluster/"

    @Option(help: "A further path that echoes WebSocket messages as they are, for conformance and load tests.")
    var echoPath: String?

    @Option(help: "Origins that may connect: host:port, host:*, *:port or *:*, separated by commas.")
    var origins: String = Environment["ORIGINS"] ?? "*:*"

    @Option(help: "Event loops to run, each a thread.")
    var loops: Int = Environment.integer("LOOPS") ?? 1

    var address: SocketAddress {
        (unixSocket ?? Environment["UNIX_SOCKET"]).map { .unix(path: $0) } ?? .ip(host: host, port: port)
    }

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be between 0 and 65535") }
        guard (1...1024).contains(loops) else { throw ValidationError("--loops must be between 1 and 1024") }
    }

    func apply(to options: inout AGServerOptions) throws {
        options.path = path
        options.plainEchoPath = echoPath ?? Environment["ECHO_PATH"]
        options.origins = origins
        options.loops = loops
    }
}
