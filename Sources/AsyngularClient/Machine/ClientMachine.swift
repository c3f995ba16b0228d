import SocketProtocol
import StrictJSON

/// The whole behaviour of a client (contract §4–§7, §9, §10, §13–§16), without any input or output of its own.
///
/// What happens is told by calling a method; what is to be done stands in the turn's actions afterwards, in order. There is one clock: whoever
/// drives the machine calls ``timePassed(_:)`` at ``nextDue``, never earlier; later is harmless. A `Caller` stands for whoever waits for a
/// call: each gets exactly one `finish`.
struct ClientMachine<Caller> {
    typealias Turn = ClientTurn<Caller>

    /// May change between connections.
    var settings: ClientSettings
    var random: ClientRandom

    // MARK: The connection

    var state = AGClientState.closed
    /// Counts the attempts to connect. What comes from another attempt than the present one is dropped.
    var attempt: UInt32 = 0
    /// The WebSocket of this attempt is open.
    var isTransportOpen = false
    /// The number of the handshake's call while its answer is awaited; else 0.
    var handshakeCID = 0
    /// The token that this attempt's handshake carried.
    var presentedToken: AGClientAuthToken?
    /// What the server calls this connection.
    var id: String?
    /// Milliseconds that the connection may be without a ping.
    var pingTimeout: UInt64 = 0
    /// When the last one came.
    var lastPing: UInt64 = 0

    // MARK: Who we are

    var authState = AGClientAuthState.unauthenticated
    var authToken: AGClientAuthToken?

    // MARK: What is under way

    /// Numbers calls, for as long as the client lives (contract §2).
    var lastCID = 0
    var calls = CallTable<Caller>()
    var outbox = Outbox<Caller>()
    var channels = ChannelTable()
    /// Between the handshake's answer and the sending of subscriptions nothing else subscribes.
    var isPreparingSubscriptions = false
    var batch = Batch()

    // MARK: Reconnection

    /// Attempts since the last success.
    var failedAttempts: UInt32 = 0
    /// The delay of the attempt that is planned.
    var reconnectDelay: UInt64 = 0
    /// Since when the connection has been as it should be; `UInt64.max` while it is not.
    var stableSince = UInt64.max

    // MARK: Deadlines, `UInt64.max` for none

    var connectDue = UInt64.max
    var handshakeDue = UInt64.max
    var reconnectDue = UInt64.max
    /// Not after the first call's deadline; may be too early.
    var callsDue = UInt64.max
    var refreshDue = UInt64.max

    init(settings: ClientSettings, seed: UInt64) {
        self.settings = settings
        random = ClientRandom(seed: seed)
    }

    var options: AGClientOptions { settings.options }

    /// Whether another attempt to connect is planned.
    var isReconnecting: Bool { reconnectDue != .max }

    mutating func nextCID() -> Int {
        lastCID += 1
        return lastCID
    }

}
