extension JWKSKeySource {
    /// When a set is fetched and how long it is believed.
    public struct Options: Sendable, Hashable {
        /// Between fetches when the answer says nothing about it (`Cache-Control: max-age`). 15 minutes.
        public var refreshInterval = Duration.seconds(900)
        /// However short the answer says it may be kept. 60 seconds.
        public var minimumRefreshInterval = Duration.seconds(60)
        /// However long the answer says it may be kept. 24 hours.
        public var maximumRefreshInterval = Duration.seconds(24 * 3600)
        /// After a fetch, no other for the sake of an unknown `kid`. 30 seconds.
        public var unknownKeyCooldown = Duration.seconds(30)
        /// For one fetch. 10 seconds.
        public var fetchTimeout = Duration.seconds(10)
        /// Before a failed fetch is repeated, doubled with each failure in a row up to ``maximumRetryDelay``. 5 seconds.
        public var retryDelay = Duration.seconds(5)
        /// The longest wait before a failed fetch is repeated. 5 minutes.
        public var maximumRetryDelay = Duration.seconds(300)
        /// Tokens of unknown keys that may wait for one fetch; others are told that they cannot be verified now. 1,024.
        public var maximumWaiting = 1024
        /// How long a set is believed that could not be fetched again. Unset, the default: without end, for an issuer that is
        /// down is likelier than one whose key was stolen while nobody can reach it. Once it is over, the set's tokens are
        /// answered with an error that lets clients keep them.
        public var maximumStaleAge: Duration?
        /// Whether `http` URLs of other machines are taken: whoever is on the way can then replace the keys. Off.
        public var allowsPlainHTTP = false

        /// The defaults.
        public init() {}
    }
}
