import EventLoop
import Logging
import SocketProtocol
import Synchronization

extension AGAuthEngine {
    /// Revokes tokens: open sockets that hold one lose it (``AGServerOptions/authRevocationAction``) in the next turn of their
    /// loop, and later handshakes and `#authenticate` with one fail with `AuthTokenInvalidError`, `jwt revoked`.
    ///
    /// In force when this returns, on every loop that has come to its next turn. Kept in memory, and in the store if there is one.
    ///
    /// - Throws: `ResourceLimitError` if ``AGServerOptions/authRevocationLimit`` revocations that have not expired are kept
    ///   already: forgetting one would let its token in. The sockets that are open lose their tokens all the same. Also
    ///   what the store throws, with the revocation in force here.
    public func revoke(_ revocation: AGRevocation) async throws {
        try apply(revocation)
        if let store = state.withLock({ $0.store }) { try await store.add(revocation) }
    }

    /// Takes over the revocations of a store, then follows it and adds this server's own to it.
    ///
    /// To be awaited before the server listens, lest somebody comes in meanwhile.
    ///
    /// - Throws: what the store throws, or `ResourceLimitError` if it has more than ``AGServerOptions/authRevocationLimit``.
    public func keepRevocations(in store: any AGRevocationStore) async throws {
        let updates = store.updates()
        for revocation in try await store.load() { try apply(revocation) }
        let follow = Task { [weak self] in
            for await revocation in updates {
                guard let self else { return }
                do throws(AGError) {
                    try self.apply(revocation)
                } catch {
                    self.state.withLock { $0.server }?.logger.error("A revocation of the store has no room")
                }
            }
        }
        state.withLock { state in
            state.storeTask?.cancel()
            state.storeTask = follow
            state.store = store
        }
    }

    private func apply(_ revocation: AGRevocation) throws(AGError) {
        let isKept = revocations.insert(revocation)
        // After the insertion: a handshake judged before it is an open socket by the time its loop comes to this.
        state.withLock { $0.server }?.onEveryLoop { $0.revoke(revocation) }
        guard isKept else { throw .resourceLimit("Too many revocations are in force") }
    }
}
