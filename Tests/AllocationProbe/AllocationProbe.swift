import Asyngular
import CAllocationCounter

/// Prints how many heap allocations the event loop's thread makes per frame on the synchronous paths, as
/// `<path> <allocations> allocations in <frames> frames`. Built in release mode by `Scripts/test`, whose interoperation tests
/// expect 0; a debug build allocates closure contexts that the optimiser removes. With the argument `streams`: ``StreamCost``.
@main
struct AllocationProbe {
    private static let frames = 10_000

    static func main() async throws {
        if CommandLine.arguments.dropFirst().first == "streams" { return try await StreamCost.run() }
        guard allocation_counter_is_active() else {
            print("not counted: a sanitizer has its own allocator")
            return
        }
        let server = try AGServer(authKey: "0123456789abcdef0123456789abcdef")
        server.procedure("echo") { _, request in request.endWithRequestData() }
        // A handler runs on the loop's thread, so the count it reads is the loop's.
        server.procedure("allocations") { _, request in
            request.end(.integer(Int64(allocation_counter_this_thread())))
        }
        guard case .ip(_, let port) = try await server.listen(host: "127.0.0.1", port: 0) else { return }

        let text = String(repeating: "x", count: 64)
        let token = try server.auth.signToken(
            ["sub": "probe"],
            server.signatureKey,
            options: SigningOptions(expiresIn: "1h")
        )
        let peer = try ProbePeer(port: port)
        try peer.handshake(token: token)
        try peer.send(##"{"event":"#subscribe","data":{"channel":"a-channel-of-some-length"},"cid":2}"##)
        _ = try peer.receive()

        try measure("echo", peer, #"{"event":"echo","data":"\#(text)","cid":3}"#, answers: 1)
        try measure(
            "batch",
            peer,
            #"[{"event":"echo","data":"\#(text)","cid":3},{"event":"echo","cid":4}]"#,
            answers: 2
        )
        try measure(
            "publish",
            peer,
            ##"{"event":"#publish","data":{"channel":"a-channel-of-some-length","data":"\##(text)"},"cid":5}"##,
            answers: 2
        )
        try measure("pong", peer, "", answers: 0)
        await server.close(within: .seconds(1))
    }

    /// Sends a frame many times, each after the answers to the one before, and prints what that allocated.
    private static func measure(_ name: String, _ peer: borrowing ProbePeer, _ frame: String, answers: Int) throws {
        let bytes = ProbePeer.frame(frame)
        func run(_ count: Int) throws {
            for _ in 0..<count {
                try peer.sendRaw(bytes)
                for _ in 0..<answers { _ = try peer.receive() }
            }
        }
        try run(200)
        // What asking costs is measured by asking twice.
        let first = try allocations(peer)
        let asking = try allocations(peer) - first
        let before = try allocations(peer)
        try run(frames)
        let after = try allocations(peer)
        print("\(name) \(after - before - asking) allocations in \(frames) frames")
    }

    private static func allocations(_ peer: borrowing ProbePeer) throws -> Int {
        try peer.send(#"{"event":"allocations","cid":1}"#)
        let answer = try peer.receive()
        guard let count = Int(answer.filter { $0.isNumber }.dropFirst()) else { throw ProbeFailure(message: answer) }
        return count
    }
}

struct ProbeFailure: Error {
    let message: String
}
