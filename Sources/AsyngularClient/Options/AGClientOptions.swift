import SocketProtocol

/// The options of an ``AGClientSocket``. Names and defaults are SocketCluster's (contract §14); times are milliseconds.
public struct AGClientOptions: Sendable {
    // MARK: Where to

    /// The server's name or address. `localhost`.
    public var hostname = "localhost"
    /// The server's port. Unset: 443 if ``secure``, else 80.
    public var port: UInt16?
    /// Whether to use TLS (`wss`). Off.
    public var secure = false
    /// The path of the server's endpoint, which it compares byte for byte. `/socketcluster/`.
    public var path = "/socketcluster/"
    /// Appended to the path; a name may be repeated. Empty.
    public var query: [(name: String, value: String)] = []
    /// Whether the time is appended too, so that no cache answers. Off.
    public var timestampRequests = false
    /// The name it is appended under. `t`.
    public var timestampParam = "t"

    /// A Unix-domain socket, which is connected to instead of ``hostname`` and ``port``. None.
    public var socketPath: String?
    /// Headers, proxy, TLS, and what else opening a WebSocket may need; ``connectTimeout`` goes before its own deadline.
    public var transport = DialOptions()

    // MARK: Connecting

    /// Whether a new client connects at once. On.
    public var autoConnect = true
    /// Whether a connection that was lost is opened again. On.
    public var autoReconnect = true
    /// When.
    public var autoReconnectOptions = AGReconnectOptions()
    /// From the beginning of an attempt to the open WebSocket, and from there to the first ping. 20,000.
    public var connectTimeout = 20_000
    /// How long a call, the handshake included, waits for its answer. 10,000.
    public var ackTimeout = 10_000
    /// Whether pings are answered but not waited for; to be set on both ends. Off.
    public var pingTimeoutDisabled = false
    /// The protocol's generation; decides the pings. `.v2`. It is configuration on both ends, never negotiated.
    public var protocolVersion = ProtocolVersion.v2

    // MARK: Channels

    /// Whether channels are subscribed to as soon as the handshake is done; if not,
    /// ``AGClientSocket/processPendingSubscriptions()`` does it. On.
    public var autoSubscribeOnConnect = true
    /// Put before every channel's name on its way out, and taken off on its way in. None.
    public var channelPrefix: String?

    // MARK: Batches

    /// Whether packets are collected into batches for a while after each handshake. Off.
    public var batchOnHandshake = false
    /// For how long. 100.
    public var batchOnHandshakeDuration = 100
    /// How often batches go out. 50.
    public var batchInterval = 50

    // MARK: Authentication

    /// Where the token is stored (contract §10): loaded before each handshake, saved when one is given, removed when it is taken away.
    /// Unset: in the client itself, for as long as it lives.
    public var authTokenStore: (any AuthTokenStore)?
    /// Under which name. `asyngular.authToken`.
    public var authTokenNaming = AuthTokenNaming.asyngular
    /// Renews the token before it expires. None.
    public var authTokenRefresh: AGAuthTokenRefresh?

    // MARK: Limits

    /// Events that may wait for the connection; further calls fail, further transmissions are reported as errors. 1,024.
    public var outboxLimit = 1024
    /// Bytes that may wait for the connection. 16 MiB.
    public var outboxByteLimit = 16 * 1024 * 1024
    /// Calls that may wait for an answer. 65,536.
    public var pendingCallLimit = 65_536
    /// Channels that may be subscribed to. 65,536.
    public var channelLimit = 65_536
    /// Elements a stream keeps for a slow reader. 1,024.
    public var streamBufferLimit = 1024
    /// The largest message the server may send, bytes; a larger one closes with 1009. 100 MiB, as upstream.
    public var maxPayload = 100 * 1024 * 1024

    /// What the token is stored under.
    public var authTokenName: String {
        authTokenNaming.name(hostname: hostname, port: port ?? (secure ? 443 : 80))
    }

    /// The defaults.
    public init() {}

    /// The defaults with an address.
    public init(hostname: String, port: UInt16? = nil, secure: Bool = false, path: String = "/socketcluster/") {
        self.hostname = hostname
        self.port = port
        self.secure = secure
        self.path = path
    }

    /// - Throws: `InvalidOptionsError` naming the first option that makes no sense.
    func validate() throws(AGError) {
        try require(path.utf8.first == UInt8(ascii: "/"), "path", "must start with /")
        try require(!hostname.isEmpty, "hostname", "must not be empty")
        for (name, value) in [
            ("connectTimeout", connectTimeout), ("ackTimeout", ackTimeout), ("batchInterval", batchInterval),
            ("batchOnHandshakeDuration", batchOnHandshakeDuration),
        ] {
            try require(value > 0 && value <= Int(Int32.max), name, "must be between 1 and 2147483647 ms")
        }
        let reconnect = autoReconnectOptions
        for (name, value) in [
            ("initialDelay", reconnect.initialDelay), ("randomness", reconnect.randomness),
            ("maxDelay", reconnect.maxDelay), ("stableAfter", reconnect.stableAfter ?? 0),
        ] {
            let isTime = value >= 0 && value <= Int(Int32.max)
            try require(isTime, "autoReconnectOptions.\(name)", "must be between 0 and 2147483647 ms")
        }
        try require(reconnect.multiplier >= 0, "autoReconnectOptions.multiplier", "must not be negative")
        for (name, value) in [
            ("outboxLimit", outboxLimit), ("outboxByteLimit", outboxByteLimit), ("pendingCallLimit", pendingCallLimit),
            ("channelLimit", channelLimit), ("streamBufferLimit", streamBufferLimit), ("maxPayload", maxPayload),
        ] {
            try require(value > 0, name, "must be positive")
        }
        try require((authTokenRefresh?.leeway ?? 0) >= 0, "authTokenRefresh.leeway", "must not be negative")
    }

    private func require(_ condition: Bool, _ name: String, _ rule: String) throws(AGError) {
        if !condition { throw .invalidOptions("The \(name) option \(rule)") }
    }
}
