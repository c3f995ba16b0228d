import EventLoop
import Synchronization
import WebSocket

/// The clients: all on one event loop, which is not the server's.
///
/// Confined to that loop, but for what is marked otherwise.
final class StormClient: TimerTarget, @unchecked Sendable {
    /// What came of the newcomers.
    struct Outcomes {
        /// Sent a handshake.
        var started = 0
        /// Open with a good token.
        var accepted = 0
        /// Closed with 1013.
        var refused = 0
        /// Ended in any other way.
        var failed = 0
    }

    private static let tick: UInt64 = 1

    let loop: EventLoop
    let port: Int
    private var connections = 0
    let token: String
    /// Handshakes a second; 0 when calm.
    var rate = 0.0
    /// Echoes a second, all sockets together.
    var echoRate = 0.0
    /// From when an echo was due to its answer, without what this thread waited for its core meanwhile; and with it.
    var latencies = Histogram()
    var wholeLatencies = Histogram()
    /// Made on this client's thread.
    private(set) var runDelay: RunDelay?
    var outcomes = Outcomes()
    /// Established sockets that ended although nobody wanted it.
    var lost = 0
    var isEnding = false
    private var established: [StormPeer] = []
    private var nextEcho = 0
    private var credit = (handshakes: 0.0, echoes: 0.0)
    private var last: UInt64 = 0
    /// Newcomers under way; more than this are not started, and count as a client that is too slow.
    private(set) var underWay = 0
    var skipped = 0
    var maximumUnderWay = 20_000

    init(loop: EventLoop, port: Int, token: String) {
        self.loop = loop
        self.port = port
        self.token = token
    }

    func start() {
        runDelay = RunDelay()
        last = EventLoop.monotonicNanoseconds()
        _ = loop.schedule(self, afterMilliseconds: Self.tick)
    }

    func connectEstablished(_ count: Int, _ done: @escaping @Sendable () -> Void) {
        var left = count
        for _ in 0..<count {
            let peer = StormPeer(self, isEstablished: true)
            peer.onOpen = { [unowned self, unowned peer] in
                established.append(peer)
                left -= 1
                if left == 0 { done() }
            }
            open(peer)
        }
    }

    private func open(_ peer: StormPeer) {
        // By several addresses: one has not enough ports for all the connections of a minute.
        connections += 1
        let address = SocketAddress.ip(host: "127.0.0.\(connections % 16 + 1)", port: port)
        do {
            _ = try loop.startConnecting(to: address, makeHandler: { _ in peer }, failed: { _ in peer.closed(.local) })
        } catch {
            peer.closed(.local)
        }
    }

    /// Open loop: what is due by the clock is sent, however late the answers are.
    override func timerFired(_ tag: UInt32) {
        guard !isEnding else { return }
        let now = EventLoop.monotonicNanoseconds()
        let elapsed = Double(now - last) / 1e9
        last = now
        credit.echoes += elapsed * echoRate
        while credit.echoes >= 1, !established.isEmpty {
            credit.echoes -= 1
            nextEcho = (nextEcho + 1) % established.count
            established[nextEcho].echo(dueAt: now)
        }
        credit.handshakes += elapsed * rate
        while credit.handshakes >= 1 {
            credit.handshakes -= 1
            guard underWay < maximumUnderWay else {
                skipped += 1
                continue
            }
            underWay += 1
            open(StormPeer(self, isEstablished: false))
        }
        _ = loop.schedule(self, afterMilliseconds: Self.tick)
    }

    func answered(after nanoseconds: UInt64, waitedBefore: UInt64) {
        wholeLatencies.add(nanoseconds)
        let waited = (runDelay?.nanoseconds() ?? 0) - waitedBefore
        latencies.add(nanoseconds - min(waited, nanoseconds))
    }

    func newcomerEnded() {
        underWay -= 1
    }

    func end() {
        isEnding = true
        for peer in established { peer.connection?.abort() }
        established = []
    }
}
