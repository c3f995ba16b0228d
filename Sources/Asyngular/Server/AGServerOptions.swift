import CoreMetrics
import JSONWebToken
import SocketProtocol
import StrictJSON
import WebSocket

/// The options of an ``AGServer``. Names and defaults are SocketCluster's (contract §14); times are milliseconds unless a
/// name says otherwise.
public struct AGServerOptions: Sendable {
    // MARK: The endpoint

    /// The path clients connect to, compared byte for byte. `/socketcluster/`.
    public var path = "/socketcluster/"
    /// A further path that echoes every WebSocket message without the protocol, for conformance and load tests. None.
    public var plainEchoPath: String?
    /// Which pages may connect: `host:port`, `host:*`, `*:port` or `*:*`, separated by blanks or commas. `*:*`, everybody:
    /// restrict it where cookies carry authority.
    public var origins = "*:*"
    /// The protocol's generation; decides the pings. `.v2`. It is configuration on both ends, never negotiated.
    public var protocolVersion = ProtocolVersion.v2

    // MARK: Health and time limits

    /// Between pings. 8,000.
    public var pingInterval = 8000
    /// How long a client may be without a pong before it is closed with 4001; told to clients. 20,000.
    public var pingTimeout = 20000
    /// Neither pings nor times out; to be set on both ends. Off.
    public var pingTimeoutDisabled = false
    /// How long a call of the server waits for the client's answer. 10,000.
    public var ackTimeout = 10000
    /// From accepting a connection to its upgrade, and again from the upgrade to its `#handshake`. 10,000.
    public var handshakeTimeout = 10000

    // MARK: Behaviour

    /// Whether a message before `#handshake` closes the socket with 4009. On.
    public var strictHandshake = true
    /// Whether clients may publish. On.
    public var allowClientPublish = true
    /// Whether the errors of blocked actions are reported as events. On.
    public var middlewareEmitFailures = true
    /// Decides about what clients do. None: everything is allowed.
    public var actionFilter: AGActionFilter?
    /// Publishes beyond this process. None.
    public var exchangeBridge: (any AGExchangeBridge)?

    // MARK: Authentication

    /// The secret that signs and verifies tokens: its bytes are the HMAC key. By default 32 random bytes as 64 hexadecimal
    /// digits, so tokens die with the process.
    public var authKey: String? {
        get { secret.text }
        set { secret.text = newValue }
    }
    /// A private key that signs tokens, PEM; goes with ``authPublicKey`` and replaces ``authKey``.
    public var authPrivateKey: String? {
        get { privateKey.text }
        set { privateKey.text = newValue }
    }
    /// The public key (or certificate) that verifies tokens, PEM; goes with ``authPrivateKey``.
    public var authPublicKey: String? {
        get { publicKey.text }
        set { publicKey.text = newValue }
    }
    /// What ``authPrivateKey`` is encrypted with, if it is.
    public var authPrivateKeyPassphrase: String? {
        get { passphrase.text }
        set { passphrase.text = newValue }
    }
    /// Keys made beforehand: several to verify with, none to sign with, identifiers. Replaces ``authKey``,
    /// ``authPrivateKey`` and ``authPublicKey``. With ``authAlgorithm`` unset the signing key's own algorithm signs.
    public var authKeys: AGKeyRing?
    /// Where keys come from while the server runs; replaces ``authKeys`` and the others. See ``AGKeyFileSource``.
    public var authKeySource: (any AGKeySource)?
    /// The signing algorithm and, unless ``authVerifyAlgorithms`` is set, the only one accepted. Unset: HS256 signs, and
    /// what fits the key is accepted.
    public var authAlgorithm: Algorithm?
    /// The algorithms accepted. Unset: see ``authAlgorithm``.
    public var authVerifyAlgorithms: Set<Algorithm>?
    /// The issuers accepted: a token's `iss` must be one of them. Unset: not looked at, as upstream.
    public var authIssuers: [String]?
    /// The audiences accepted: a token's `aud`, a string or an array, must name one of them. Unset: not looked at.
    public var authAudiences: [String]?
    /// What a token's `sub` must be. Unset: not looked at.
    public var authSubject: String?
    /// What the header's `typ` must be, to tell this server's tokens from an issuer's other ones (RFC 8725 §3.11). Unset: not
    /// looked at.
    public var authTokenType: String?
    /// How old a token may be by its `iat`, seconds; an older one counts as expired. Unset: not looked at.
    public var authMaximumAge: Int?
    /// How far this server's clock and the issuer's may be apart when a token is verified, seconds. 0.
    public var authClockTolerance = 0
    /// How long a token signed by a socket is good, seconds. 86,400.
    public var authDefaultExpiry = 86400
    /// Whether an identity ends at its token's `exp`, to the tick of the loop's timers (8 ms). On. Off, as upstream, it ends
    /// when the next pong or message is looked at (contract §9.5), which is done in either case.
    public var authExpiryTimer = true
    /// Whether a socket that loses its identity is also taken out of its channels, each with a `#kickOut`. Off: upstream's
    /// subscriptions survive (contract §20.10).
    public var kickOutOnDeauthentication = false
    /// Where the upgrade request may carry a token, which authenticates the socket if its handshake brings none. None. In the order
    /// given, the first place that has a token decides. A bad one is refused with 401 before the WebSocket opens, one that cannot
    /// be judged now with 503.
    public var authUpgradeTokens: [AGUpgradeTokenSource] = []
    /// Signs and verifies tokens in the place of the built-in engine. None. See ``AuthEngine``.
    public var authEngine: (any AuthEngine)?
    /// How long ``authEngine``, or a key set that is being fetched, may take to judge a token. 5,000. After that the token
    /// cannot be verified now, and the client keeps it.
    public var authEngineTimeout = 5000
    /// Tokens that may wait for ``authEngine`` or for a key set at once on one loop; who comes then is closed with 1013.
    /// 4,096.
    public var authEngineLimit = 4096
    /// What happens to an open socket whose token is revoked. `.deauthenticate`.
    public var authRevocationAction = AGRevocationAction.deauthenticate
    /// Revocations kept at once; see ``AGAuthEngine/revoke(_:)``. 100,000.
    public var authRevocationLimit = 100_000
    /// Longer tokens are refused unread, bytes. 8,192.
    public var maximumTokenLength = 8192
    /// Where tokens are verified. `.automatic`.
    public var authScheduling = AGAuthScheduling.automatic
    /// Threads of the verification pool. Unset: one less than the cores, at least one.
    public var authPoolThreads: Int?
    /// Tokens that may wait for the pool at once, shared out among the loops; who comes then is closed with 1013. One address
    /// (of IPv6, one /64) gets half at most, less beside others, and a quarter is kept for `#authenticate`. 16,384.
    public var authPoolLimit = 16384
    /// How long the token of a handshake may have to wait for the pool, by the time tokens take at present; who would wait
    /// longer is closed with 1013 at once. 2,000.
    public var authPoolMaximumWait = 2000
    /// Which verified tokens are remembered until they expire, are revoked or the keys change. `.automatic`.
    public var authCaching = AGAuthCaching.automatic
    /// Verified tokens remembered, shared out among the loops; each takes 0.5 to 1 KiB, so 10 MiB at most by default. 0
    /// remembers none. 10,000.
    public var authCacheLimit = 10_000

    // MARK: Plain HTTP

    /// Routes: their limits and times, and who may read their answers. See ``AGHTTPOptions``.
    public var http = AGHTTPOptions()

    // MARK: Limits

    /// The largest message a client may send, bytes; a larger one closes with 1009. 100 MiB, as upstream.
    public var maxPayload = 100 * 1024 * 1024
    /// Fragments that one message may come in; more close with 1008. 131,072.
    public var maximumFragments = 131_072
    /// Nesting of JSON beyond which a message counts as raw. 128.
    public var maximumJSONDepth = 128
    /// Channels a socket may subscribe to. Unset: no limit.
    public var socketChannelLimit: Int?
    /// Elements a stream keeps for a slow reader. 1,024.
    public var streamBufferLimit = 1024
    /// Calls of the server that may wait for one client. 1,024.
    public var pendingCallLimit = 1024
    /// Bytes that may wait for a client that reads slowly; beyond it the connection is cut, code 1008. 16 MiB.
    public var outputLimit = 16 * 1024 * 1024
    /// The head of an upgrade request, bytes. 16 KiB.
    public var maximumHeadBytes = 16 * 1024
    /// Header fields of an upgrade request. 128; at most 65,535.
    public var maximumHeaderFields = 128

    // MARK: What is seen of it

    /// Where metrics go; see <doc:Metrics>. Unset: to `MetricsSystem`'s factory, which without a bootstrap drops them.
    /// `NOOPMetricsHandler.instance` turns them off for this server.
    public var metrics: (any MetricsFactory)?

    // MARK: The machine

    /// Event loops, each a thread. 1.
    public var loops = 1
    /// Connections waiting to be accepted. 4,096; the kernel's own limit also holds.
    public var backlog: Int32 = 4096

    private var secret = RedactedText()
    private var privateKey = RedactedText()
    // It is not secret, but a private key put here by mistake is.
    private var publicKey = RedactedText()
    private var passphrase = RedactedText()

    /// The defaults.
    public init() {}

    /// The defaults with a secret.
    public init(authKey: String) {
        self.authKey = authKey
    }

    /// - Throws: `InvalidOptionsError` naming the first option that makes no sense.
    func validate() throws(AGError) {
        try require(path.utf8.first == UInt8(ascii: "/"), "path", "must start with /")
        try require(plainEchoPath.map { $0 != path } ?? true, "plainEchoPath", "must differ from path")
        for (name, value) in [
            ("pingInterval", pingInterval), ("pingTimeout", pingTimeout), ("ackTimeout", ackTimeout),
            ("handshakeTimeout", handshakeTimeout), ("authEngineTimeout", authEngineTimeout),
            ("authPoolMaximumWait", authPoolMaximumWait),
        ] {
            try require(value > 0 && value <= Int(Int32.max), name, "must be between 1 and 2147483647 ms")
        }
        for (name, value) in [
            ("authDefaultExpiry", authDefaultExpiry), ("maximumTokenLength", maximumTokenLength),
            ("authPoolLimit", authPoolLimit), ("authEngineLimit", authEngineLimit),
            ("authRevocationLimit", authRevocationLimit), ("maxPayload", maxPayload),
            ("maximumFragments", maximumFragments),
            ("streamBufferLimit", streamBufferLimit), ("pendingCallLimit", pendingCallLimit),
            ("outputLimit", outputLimit), ("maximumHeadBytes", maximumHeadBytes), ("loops", loops),
        ] {
            try require(value > 0, name, "must be positive")
        }
        try require(authCacheLimit >= 0, "authCacheLimit", "must not be negative")
        try require(authClockTolerance >= 0, "authClockTolerance", "must not be negative")
        try require(authMaximumAge.map { $0 > 0 } ?? true, "authMaximumAge", "must be positive")
        try require(authIssuers?.isEmpty != true, "authIssuers", "must not be empty")
        try require(authAudiences?.isEmpty != true, "authAudiences", "must not be empty")
        try require(authPoolThreads.map { $0 > 0 } ?? true, "authPoolThreads", "must be positive")
        for source in authUpgradeTokens {
            switch source {
            case .authorizationHeader: break
            case .cookie(let name):
                try require(!name.isEmpty, "authUpgradeTokens", "must name a cookie")
                // Any page could open a WebSocket in its visitor's name (RFC 6455 §10.2).
                let isOpen = OriginPolicy(origins).allows("https://any.invalid:1")
                try require(!isOpen, "authUpgradeTokens", "may have a cookie only if the origins option is restricted")
            case .subprotocol(let prefix): try require(!prefix.isEmpty, "authUpgradeTokens", "must have a prefix")
            }
        }
        try require(authKey?.isEmpty != true, "authKey", "must not be empty")
        try require(authVerifyAlgorithms?.isEmpty != true, "authVerifyAlgorithms", "must not be empty")
        try http.validate()
    }

    private func require(_ condition: Bool, _ name: String, _ rule: String) throws(AGError) {
        if !condition { throw .invalidOptions("The \(name) option \(rule)") }
    }
}

/// Where tokens are verified.
public enum AGAuthScheduling: Sendable {
    /// As measured to be cheapest: a secret's HMAC (1 µs) inline, for a hop to another thread costs 10 µs and more; an
    /// asymmetric key (20 µs with RSA, 70 µs with P-256, 130 µs with Ed25519) on the pool.
    case automatic
    /// On the connection's event loop.
    case inline
    /// On the threads of the verification pool.
    case offloaded
}
