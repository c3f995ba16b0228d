import AsyngularSupport
import StrictJSON
import Synchronization

/// The streams of a client's channels: their data, and their events. A channel nobody listens to takes nothing.
final class ChannelStreams: Sendable {
    private struct State {
        var data = BytesMap<StreamDemux<JSONText>>()
        /// By the event's id and then the channel's name; each is a `StreamDemux` of that event's payload.
        var events = BytesMap<AnyObject>()
        var isFinished = false
    }

    private let state = Mutex<State?>(nil)
    private let hasEvents = Atomic(false)

    // MARK: Making streams

    func data(of channel: String, bufferLimit: Int) -> AGStream<JSONText> {
        let key = Array(channel.utf8)
        return state.withLock { state in
            var known = state ?? State()
            defer { state = known }
            let demux = known.data[key] ?? StreamDemux<JSONText>()
            if known.isFinished { demux.finish() } else { known.data[key] = demux }
            return demux.stream(bufferLimit: bufferLimit) { [weak self] in self?.drop(demux, key) }
        }
    }

    func events<Payload: Sendable>(
        _ event: AGChannelEvent<Payload>,
        of channel: String,
        bufferLimit: Int
    ) -> AGStream<Payload> {
        let key = Self.key(event.id, Array(channel.utf8))
        hasEvents.store(true, ordering: .relaxed)
        return state.withLock { state in
            var known = state ?? State()
            defer { state = known }
            let demux =
                known.events[key].map { unsafe unsafeDowncast($0, to: StreamDemux<Payload>.self) } ?? StreamDemux()
            if known.isFinished { demux.finish() } else { known.events[key] = demux }
            return demux.stream(bufferLimit: bufferLimit) { [weak self] in self?.drop(demux, key) }
        }
    }

    private static func key(_ id: AGClientEventID, _ channel: [UInt8]) -> [UInt8] {
        [id.rawValue] + channel
    }

    /// A stream was the last one of its channel when it went; another may have come since.
    private func drop(_ demux: StreamDemux<JSONText>, _ key: [UInt8]) {
        state.withLock { state in
            guard let known = state?.data[key], known === demux, !demux.hasConsumers else { return }
            state?.data[key] = nil
        }
    }

    private func drop<Payload>(_ demux: StreamDemux<Payload>, _ key: [UInt8]) {
        state.withLock { state in
            guard let known = state?.events[key], known === demux, !demux.hasConsumers else { return }
            state?.events[key] = nil
        }
    }

    /// Whether somebody reads a channel's data.
    func isListening(to channel: String) -> Bool {
        state.withLock { $0?.data[Array(channel.utf8)] } != nil
    }

    // MARK: Feeding them

    func publish(_ data: JSONText?, to channel: [UInt8]) {
        guard let demux = state.withLock({ $0?.data[channel] }) else { return }
        demux.emit(data ?? JSONText(unchecked: Array("null".utf8)))
    }

    func emit<Payload: Sendable>(_ event: AGChannelEvent<Payload>, _ channel: String, _ payload: Payload) {
        guard hasEvents.load(ordering: .relaxed) else { return }
        let key = Self.key(event.id, Array(channel.utf8))
        guard let demux = state.withLock({ $0?.events[key] }) else { return }
        unsafe unsafeDowncast(demux, to: StreamDemux<Payload>.self).emit(payload)
    }

    /// Ends every stream, now and later.
    func finish() {
        let ended = state.withLock { state -> State? in
            defer {
                var finished = State()
                finished.isFinished = true
                state = finished
            }
            return state
        }
        guard let ended else { return }
        for demux in ended.data.values { demux.finish() }
        for demux in ended.events.values { (demux as? any Endable)?.finish() }
    }
}

private protocol Endable: AnyObject {
    func finish()
}

extension StreamDemux: Endable {}
