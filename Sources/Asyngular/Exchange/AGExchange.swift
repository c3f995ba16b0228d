import EventLoop
import SocketProtocol
import StrictJSON
import Synchronization

/// The server's channels: publishes to every subscriber on every loop, and lets the server's own program subscribe.
///
/// All subscribers of all loops see the messages of the whole server in one order: a publication is put into every loop's
/// mailbox under one lock.
public final class AGExchange: Sendable {
    /// A publication on its way to a loop.
    private struct Publication: Sendable {
        let channel: [UInt8]
        /// Encoded once; the loops share its storage.
        let packet: [UInt8]
    }

    /// Publications that may wait for one loop; what exceeds it does not reach that loop's sockets and is counted. 65,536.
    public static let mailboxLimit = 65_536

    private struct State {
        var mailboxes: [[Publication]]
        var scheduled: [Bool]
        var contexts: [LoopContext] = []
        /// How many loops have subscribers, by channel; a bit set per loop.
        var loops: [String: Set<Int>] = [:]
        var streams: [String: StreamDemux<JSONText>] = [:]
        var dropped: UInt64 = 0
    }

    private let state: Mutex<State>
    private let loopCount: Int
    private let streamBufferLimit: Int
    private let bridge: (any AGExchangeBridge)?
    /// Whether a loop may deliver by itself: there is one loop, no reader in the program and no bridge.
    private let localOnly: Atomic<Bool>

    init(loops: Int, streamBufferLimit: Int, bridge: (any AGExchangeBridge)?) {
        loopCount = loops
        self.streamBufferLimit = streamBufferLimit
        self.bridge = bridge
        localOnly = Atomic(loops == 1 && bridge == nil)
        state = Mutex(
            State(mailboxes: Array(repeating: [], count: loops), scheduled: Array(repeating: false, count: loops))
        )
    }

    var isLoopLocal: Bool { localOnly.load(ordering: .relaxed) }

    func attach(_ contexts: [LoopContext]) {
        state.withLock { $0.contexts = contexts }
    }

    func detach() {
        let streams = state.withLock { state in
            state.contexts = []
            return state.streams.values
        }
        for stream in streams { stream.finish() }
    }

    // MARK: For the server's program

    /// Publishes to every subscriber, on the whole server and beyond it if there is a bridge.
    ///
    /// - Parameters:
    ///   - channel: the channel's name.
    ///   - data: what is published; nil publishes a message without data.
    public func publish(_ channel: String, _ data: JSONText? = nil) {
        publish(channel, data, from: nil)
    }

    /// Publishes a value; see ``publish(_:_:)``.
    public func publish(_ channel: String, _ value: JSONValue) {
        publish(channel, JSONText(value))
    }

    /// A stream of what is published to a channel from now on, `null` for a message without data.
    public func subscribe(_ channel: String) -> AGStream<JSONText> {
        localOnly.store(false, ordering: .relaxed)
        // Made under the lock: a stream that goes away meanwhile must not take the channel's entry with it.
        return state.withLock { state in
            let demux = state.streams[channel] ?? StreamDemux<JSONText>()
            state.streams[channel] = demux
            return demux.stream(bufferLimit: streamBufferLimit) { [weak self] in self?.releaseStreams(of: channel) }
        }
    }

    private func releaseStreams(of channel: String) {
        state.withLock { state in
            if state.streams[channel]?.hasConsumers == false { state.streams[channel] = nil }
        }
    }

    /// The channels that any socket is subscribed to.
    public var subscriptions: [String] {
        state.withLock { Array($0.loops.keys) }
    }

    /// Whether any socket is subscribed to a channel.
    public func isSubscribed(_ channel: String) -> Bool {
        state.withLock { $0.loops[channel] != nil }
    }

    /// Publications that did not reach a loop because ``mailboxLimit`` of them were waiting for it already.
    public var dropped: UInt64 { state.withLock { $0.dropped } }

    // MARK: For the loops

    func register(_ channel: String, loop: Int) {
        _ = state.withLock { $0.loops[channel, default: []].insert(loop) }
    }

    func unregister(_ channel: String, loop: Int) {
        state.withLock { state in
            state.loops[channel]?.remove(loop)
            if state.loops[channel]?.isEmpty == true { state.loops[channel] = nil }
        }
    }

    /// - Parameter origin: the loop that publishes, if it is one of ours; its own sockets are served before this returns.
    func publish(_ channel: String, _ data: JSONText?, from origin: LoopContext?) {
        distribute(channel, data, from: origin)
        bridge?.published(channel, data)
    }

    /// Takes in what a bridge received from elsewhere.
    func distribute(_ channel: String, _ data: JSONText?, from origin: LoopContext?) {
        let publication = Publication(
            channel: Array(channel.utf8),
            packet: data.map { PacketWriter.publish(channel: channel, data: $0) }
                ?? PacketWriter.publish(channel: channel)
        )
        let woken = state.withLock { state -> [LoopContext] in
            state.streams[channel]?.emit(data ?? JSONText(.null))
            guard let loops = state.loops[channel], !state.contexts.isEmpty else { return [] }
            var woken: [LoopContext] = []
            for loop in loops {
                guard state.mailboxes[loop].count < Self.mailboxLimit else {
                    state.dropped += 1
                    continue
                }
                state.mailboxes[loop].append(publication)
                if !state.scheduled[loop], loop != origin?.index {
                    state.scheduled[loop] = true
                    woken.append(state.contexts[loop])
                }
            }
            return woken
        }
        for context in woken {
            context.loop.execute { self.deliverMail(to: context) }
        }
        if let origin { deliverMail(to: origin) }
    }

    private func deliverMail(to context: LoopContext) {
        let mail = state.withLock { state in
            state.scheduled[context.index] = false
            defer { state.mailboxes[context.index] = [] }
            return state.mailboxes[context.index]
        }
        for publication in mail {
            let packet = publication.packet
            context.exchange.deliver(packet.rawBytes, toChannel: publication.channel)
        }
    }
}
