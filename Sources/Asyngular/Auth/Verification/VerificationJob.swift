import JSONWebToken

/// One token to verify, and who waits for it.
struct VerificationJob: Sendable {
    let token: [UInt8]
    let socket: AGServerSocket
    /// Tells whether the socket still waits for this one.
    let ticket: UInt32
    let lane: VerificationQueue<VerificationJob>.Lane
    /// When it began to wait, by `EventLoop.monotonicNanoseconds()`.
    var since: UInt64 = 0
    /// The cache's epoch then.
    var cacheEpoch: UInt64 = 0
    /// The key set that judged it.
    var generation: UInt64 = 0
    /// The algorithm it was judged by, for counting.
    var algorithm: Algorithm?
    var result: Result<VerifiedToken, TokenError>?

    init(token: [UInt8], socket: AGServerSocket, ticket: UInt32, lane: VerificationQueue<VerificationJob>.Lane) {
        self.token = token
        self.socket = socket
        self.ticket = ticket
        self.lane = lane
    }

    /// Whether the socket still waits for it. On the socket's loop.
    var isWanted: Bool { socket.assumeIsolated { $0.verifying?.ticket == ticket } }
}
