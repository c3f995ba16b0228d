/// When a lost connection is opened again (contract §15); times are milliseconds.
///
/// The n-th attempt since the last completed handshake, counted from 0, is made after
/// `min(maxDelay, round(round(initialDelay + randomness · random) · multiplierⁿ))`, `random` being in 0..<1.
public struct AGReconnectOptions: Sendable, Hashable {
    /// The least delay of the first attempt. 10,000.
    public var initialDelay = 10_000
    /// How much is added at most by chance, so that a server that comes back is not stormed. 10,000.
    public var randomness = 10_000
    /// How much longer each further attempt waits. 1.5.
    public var multiplier = 1.5
    /// The longest delay. 60,000.
    public var maxDelay = 60_000

    /// How long a connection must last before the delays begin anew; nil, as upstream: a completed handshake is enough.
    ///
    /// With it, a server that accepts connections and then closes them is asked ever more seldom. If a token was presented, what must
    /// last is the authenticated connection: a server that accepts the handshake and refuses the token does not count.
    public var stableAfter: Int?
    /// Whether two close codes of the IANA registry are taken at their word. Off, as upstream: they are backed off from as any other.
    ///
    /// After 1012 (the server restarts) the client comes back in 5 to 30 seconds at random, whatever the back-off says; after 1013 (try
    /// again later) in half of ``maxDelay`` to all of it.
    public var honorsServiceCodes = false

    /// The defaults, SocketCluster's.
    public init() {}

    /// Options.
    public init(initialDelay: Int, randomness: Int = 0, multiplier: Double = 1.5, maxDelay: Int = 60_000) {
        self.initialDelay = initialDelay
        self.randomness = randomness
        self.multiplier = multiplier
        self.maxDelay = maxDelay
    }
}
