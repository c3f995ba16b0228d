import Asyngular

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What an answer costs by each way of serving a procedure: processor time of the server's threads for a call, and how much
/// more that is than a synchronous handler's. Run as `AllocationProbe streams`, in a release build.
///
/// With a way and a depth as further arguments, that alone is done, for tools that count instructions.
///
/// The ways take turns, so that they meet the same state of the machine, and the median of the rounds is told.
enum StreamCost {
    private static let rounds = 7
    private static let calls = 1600
    /// A synchronous handler, a stream read by a task on the socket's loop, one read in isolation to the socket, and one read by a
    /// task on the threads of the process.
    private static let ways = ["handler", "loop-stream", "isolated-stream", "task-stream"]

    static func run() async throws {
        let server = try AGServer(authKey: "0123456789abcdef0123456789abcdef")
        server.procedure(ways[0]) { _, request in request.endWithRequestData() }
        let connections = server.listener(.connection)
        Task {
            for await connection in connections {
                let socket = connection.socket
                Task(executorPreference: socket.taskExecutor) {
                    for await request in socket.procedure(ways[1]) { answer(request) }
                }
                Task { await serve(socket) }
                Task { for await request in socket.procedure(ways[3]) { answer(request) } }
            }
        }
        guard case .ip(_, let port) = try await server.listen(host: "127.0.0.1", port: 0) else { return }
        let token = try server.auth.signToken(["sub": "probe"], server.signatureKey)
        let peer = try ProbePeer(port: port)
        try peer.handshake(token: token)
        let arguments = Array(CommandLine.arguments.dropFirst(2))
        if arguments.count == 2, ways.contains(arguments[0]), let depth = Int(arguments[1]) {
            for _ in 0...rounds { _ = try measure(peer, arguments[0], depth) }
            return
        }
        for depth in [1, 16] {
            var times = [[Double]](repeating: [], count: ways.count)
            for round in 0...rounds {
                for (index, way) in ways.enumerated() {
                    let time = try measure(peer, way, depth)
                    // The first round warms up.
                    if round > 0 { times[index].append(time) }
                }
            }
            let medians = times.map { $0.sorted()[rounds / 2] }
            for (way, median) in zip(ways, medians) {
                let ratio = (median / medians[0] * 100).rounded() / 100
                print("depth \(depth), \(way): \(Int(median.rounded())) ns a call, \(ratio) x the handler")
            }
        }
        await server.close(within: .seconds(1))
    }

    /// Isolated to the socket, an actor on its loop. A continuation resumes on the generic executor all the same, whose
    /// thread then goes back to the actor.
    private static func serve(_ socket: isolated AGServerSocket) async {
        for await request in socket.procedure(ways[2]) { answer(request) }
    }

    private static func answer(_ request: AGRequest) {
        if let data = request.data { request.end(data) } else { request.end() }
    }

    /// Nanoseconds of the server's threads for a call.
    private static func measure(_ peer: borrowing ProbePeer, _ way: String, _ depth: Int) throws -> Double {
        let text = String(repeating: "x", count: 64)
        let frame = ProbePeer.frame(#"{"event":"\#(way)","data":"\#(text)","cid":7}"#)
        let batch = Array([[UInt8]](repeating: frame, count: depth).joined())
        let before = serverTime()
        for _ in 0..<(calls / depth) {
            try peer.sendRaw(batch)
            for _ in 0..<depth { _ = try peer.receive() }
        }
        return (serverTime() - before) / Double(calls)
    }

    /// Everything but this thread, which is the client.
    private static func serverTime() -> Double {
        nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - nanoseconds(CLOCK_THREAD_CPUTIME_ID)
    }

    private static func nanoseconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
