import Synchronization

/// All streams of one emitter (a socket or the server): its events, procedures and receivers.
///
/// Emitting what nobody listens to costs one relaxed load; the tables are only made when a stream is.
@usableFromInline
package final class StreamHub<Request: Sendable, Transmission: Sendable>: Sendable {
    @usableFromInline
    struct State {
        /// By event id; each is a `StreamDemux` of that event's payload.
        @usableFromInline var events: [UInt8: AnyObject]
        @usableFromInline var procedures: BytesMap<StreamDemux<Request>>
        @usableFromInline var receivers: BytesMap<StreamDemux<Transmission>>
        @usableFromInline var isFinished: Bool

        @inlinable
        init() {
            events = [:]
            procedures = BytesMap()
            receivers = BytesMap()
            isFinished = false
        }
    }

    /// One bit per event id that has ever had a listener, and the two below.
    @usableFromInline let interest: Atomic<UInt64>
    @usableFromInline let state: Mutex<State?>

    @inlinable
    package init() {
        interest = Atomic(0)
        state = Mutex(nil)
    }

    @inlinable static var procedures: UInt64 { 1 << 63 }
    @inlinable static var receivers: UInt64 { 1 << 62 }

    @inlinable package var hasProcedures: Bool { interest.load(ordering: .relaxed) & Self.procedures != 0 }
    @inlinable package var hasReceivers: Bool { interest.load(ordering: .relaxed) & Self.receivers != 0 }

    @inlinable package var hasListeners: Bool { interest.load(ordering: .relaxed) != 0 }

    @inlinable
    package func isListening(to id: UInt8) -> Bool {
        interest.load(ordering: .relaxed) & (1 << UInt64(id)) != 0
    }

    // MARK: Making streams

    @inlinable
    package func events<Payload: Sendable>(_ id: UInt8, as _: Payload.Type, bufferLimit: Int) -> AGStream<Payload> {
        let demux = demux(interest: 1 << UInt64(id)) { state in
            if let existing = state.events[id] { return unsafe unsafeDowncast(existing, to: StreamDemux<Payload>.self) }
            let demux = StreamDemux<Payload>()
            state.events[id] = demux
            return demux
        }
        return demux.stream(bufferLimit: bufferLimit)
    }

    @inlinable
    package func procedure(_ name: String, bufferLimit: Int) -> AGStream<Request> {
        demux(interest: Self.procedures) { Self.entry(name, in: &$0.procedures) }.stream(bufferLimit: bufferLimit)
    }

    @inlinable
    package func receiver(_ name: String, bufferLimit: Int) -> AGStream<Transmission> {
        demux(interest: Self.receivers) { Self.entry(name, in: &$0.receivers) }.stream(bufferLimit: bufferLimit)
    }

    @inlinable
    static func entry<Element>(
        _ name: String,
        in map: inout BytesMap<StreamDemux<Element>>
    ) -> StreamDemux<Element> {
        let key = Array(name.utf8)
        if let existing = map[key] { return existing }
        let demux = StreamDemux<Element>()
        map[key] = demux
        return demux
    }

    @inlinable
    func demux<Element>(
        interest bit: UInt64,
        _ find: (inout State) -> StreamDemux<Element>
    ) -> StreamDemux<Element> {
        let (demux, isFinished) = state.withLock { state in
            var known = state ?? State()
            let found = find(&known)
            // After the end nothing is kept.
            if !known.isFinished { state = known }
            return (found, known.isFinished)
        }
        if isFinished {
            demux.finish()
        } else {
            interest.bitwiseOr(bit, ordering: .relaxed)
        }
        return demux
    }

    // MARK: Feeding them

    @inlinable
    package func emit<Payload: Sendable>(_ id: UInt8, _ payload: @autoclosure () -> Payload) {
        guard isListening(to: id) else { return }
        guard let demux = state.withLock({ $0?.events[id] }) else { return }
        unsafe unsafeDowncast(demux, to: StreamDemux<Payload>.self).emit(payload())
    }

    @inlinable
    package func procedure(named name: RawSpan) -> StreamDemux<Request>? {
        guard hasProcedures else { return nil }
        let found = unsafe name.withUnsafeBytes { name in
            state.withLock { state in unsafe state?.procedures[RawSpan(_unsafeBytes: name)] }
        }
        guard let found, found.hasConsumers else { return nil }
        return found
    }

    @inlinable
    package func receiver(named name: RawSpan) -> StreamDemux<Transmission>? {
        guard hasReceivers else { return nil }
        let found = unsafe name.withUnsafeBytes { name in
            state.withLock { state in unsafe state?.receivers[RawSpan(_unsafeBytes: name)] }
        }
        guard let found, found.hasConsumers else { return nil }
        return found
    }

    /// Ends every stream, now and later.
    @inlinable
    package func finish() {
        let ended = state.withLock { state -> State? in
            defer {
                var closed = State()
                closed.isFinished = true
                state = closed
            }
            return state
        }
        guard let ended else { return }
        for demux in ended.events.values { (demux as? any Finishable)?.finish() }
        for demux in ended.procedures.values { demux.finish() }
        for demux in ended.receivers.values { demux.finish() }
    }
}

@usableFromInline
protocol Finishable: AnyObject {
    func finish()
}

extension StreamDemux: Finishable {}
