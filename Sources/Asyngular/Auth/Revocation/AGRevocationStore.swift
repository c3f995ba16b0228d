/// Where revocations are kept beyond this process, and come from: a database, a message bus.
///
/// The server keeps all of them in memory, so no handshake waits for the store.
public protocol AGRevocationStore: Sendable {
    /// The revocations in force.
    func load() async throws -> [AGRevocation]

    /// Keeps one more. Called after it is in force here.
    func add(_ revocation: AGRevocation) async throws

    /// Those that others make from now on; ends when there will be no more. One of this server's own may be among them.
    func updates() -> AsyncStream<AGRevocation>
}
