import EventLoop
import TLS
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A client and a server of this module on one loop, with a socket pair between them.
final class Pair: Sendable {
    let loop: EventLoop
    let client: Endpoint
    let server: Endpoint

    init(_ client: Endpoint, _ server: Endpoint, options: Connection.Options = .patient) async throws {
        loop = try EventLoop()
        self.client = client
        self.server = server
        let ends = try socketPair()
        await loop.run { [loop] in
            loop.adopt(ends.0, options: options, handler: server)
            loop.adopt(ends.1, options: options, handler: client)
        }
    }

    convenience init(
        _ client: TLSContext,
        _ server: TLSContext,
        serverName: String? = "localhost",
        options: Connection.Options = .patient
    ) async throws {
        try await self.init(Endpoint(client, serverName: serverName), Endpoint(server), options: options)
    }

    /// Runs a closure with one end's connection, on the loop.
    func with<Result: Sendable>(
        _ end: Endpoint,
        _ body: @escaping @Sendable (Connection) -> Result
    ) async -> Result? {
        await loop.run { end.connection.map { body($0) } }
    }

    func shutdown() async {
        await loop.shutdown()
    }
}

func socketPair() throws -> (CInt, CInt) {
    var ends: [CInt] = [0, 0]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends) == 0 else {
        throw Peer.Failure(errno: errno)
    }
    return (ends[0], ends[1])
}

/// Content whose order can be told.
func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}
