import EventLoop
import SocketProtocol
import StrictJSON
import WebSocket

/// The part of the exchange that lives on one event loop: its channels and the delivery to its sockets.
///
/// Confined to its loop.
final class LoopExchange {
    /// Messages from this size on are queued by reference instead of being copied to each subscriber. 2 KiB.
    static let sharedThreshold = 2048

    private unowned let context: LoopContext
    @safe @exclusivity(unchecked) private var channels = BytesMap<LoopChannel>()
    @safe @exclusivity(unchecked) private var frame: [UInt8] = []
    /// The same with its frame header.
    @safe @exclusivity(unchecked) private var wire: [UInt8] = []

    init(context: LoopContext) {
        self.context = context
    }

    // MARK: Membership

    /// The channel, made if need be.
    func channel(named name: String) -> LoopChannel {
        let key = Array(name.utf8)
        if let existing = channels[key] { return existing }
        let channel = LoopChannel(name: name)
        channels[key] = channel
        return channel
    }

    func existingChannel(named name: String) -> LoopChannel? {
        channels[name]
    }

    /// A socket has joined; the first one on this loop makes publications elsewhere come here.
    func joined(_ channel: LoopChannel) {
        if channel.subscribers.count == 1 { context.server.exchange.register(channel.name, loop: context.index) }
    }

    func releaseIfEmpty(_ channel: LoopChannel) {
        guard channel.isEmpty, channels[channel.name] === channel else { return }
        channels[channel.name] = nil
        context.server.exchange.unregister(channel.name, loop: context.index)
    }

    // MARK: Publishing

    /// Publishes what a client sent. The data goes on as the bytes it came in.
    func publish(_ target: ChannelData, of bytes: RawSpan) {
        let server = context.server.exchange
        if server.isLoopLocal, !target.channel.hasEscapes {
            // One loop and nobody else listening: no copy but the one into the subscribers' output.
            guard let channel = channels[bytes.extracting(target.channel.range)], !channel.isEmpty else { return }
            // Taken out while it is read, so that the sockets it is sent to find the exchange free.
            var frame: [UInt8] = []
            swap(&frame, &self.frame)
            PublishFrame.build(channel: target.channel, data: target.data, of: bytes, into: &frame)
            deliver(frame.rawBytes, to: channel)
            self.frame = frame
            return
        }
        server.publish(target.name(in: bytes), target.data(in: bytes), from: context)
    }

    /// Delivers an encoded `#publish` packet to this loop's subscribers.
    func deliver(_ packet: RawSpan, toChannel name: [UInt8]) {
        guard let channel = channels[name.rawBytes] else { return }
        deliver(packet, to: channel)
    }

    private func deliver(_ packet: RawSpan, to channel: LoopChannel) {
        guard packet.byteCount >= Self.sharedThreshold, channel.subscribers.count > 1 else {
            // Taken out while it is read, as above.
            var whole: [UInt8] = []
            swap(&whole, &wire)
            WebSocketTransport.frame(.text, packet, into: &whole)
            channel.send(whole.rawBytes)
            wire = whole
            return
        }
        let shared = WebSocketTransport.sharedFrame(.text, packet)
        for socket in channel.subscribers { socket.transport.send(shared) }
    }
}
