import EventLoop
import SocketProtocol
import StrictJSON
import WebSocket

extension AGServerSocket {
    // MARK: transmit and invoke (contract §6)

    /// Sends an event that wants no answer.
    ///
    /// On a socket that is not open nothing is sent; it reports a `BadConnectionError`.
    ///
    /// - Parameters:
    ///   - event: the event's name.
    ///   - data: what goes along; nil for nothing.
    public func transmit(_ event: String, _ data: JSONText? = nil) {
        guard state == .open else {
            emitError(.transmitAborted(event: event))
            return
        }
        sendEvent(data.map { PacketWriter.transmit(event: event, data: $0) } ?? PacketWriter.transmit(event: event))
    }

    /// Sends a value; see ``transmit(_:_:)``.
    public func transmit(_ event: String, _ value: JSONValue) {
        transmit(event, JSONText(value))
    }

    /// Calls a procedure of the client and waits for its answer.
    ///
    /// - Parameters:
    ///   - event: the procedure's name.
    ///   - data: what goes along; nil for nothing.
    ///   - ackTimeout: how long to wait; nil for ``AGServerOptions/ackTimeout``.
    /// - Returns: the answer's data; nil if it had none.
    /// - Throws: the client's error; `TimeoutError`; `BadConnectionError` if the socket is not open or closes meanwhile.
    @discardableResult
    public func invoke(
        _ event: String,
        _ data: JSONText? = nil,
        ackTimeout: Duration? = nil
    ) async throws(AGError) -> JSONText? {
        guard state == .open else {
            let error = AGError.invokeAborted(event: event)
            emitError(error)
            throw error
        }
        return try await call(event, data, timeout: ackTimeout)
    }

    /// Calls with a value; see ``invoke(_:_:ackTimeout:)``.
    @discardableResult
    public func invoke(
        _ event: String,
        _ value: JSONValue,
        ackTimeout: Duration? = nil
    ) async throws(AGError) -> JSONText? {
        try await invoke(event, JSONText(value), ackTimeout: ackTimeout)
    }

    func call(_ event: String, _ data: JSONText?, timeout: Duration?) async throws(AGError) -> JSONText? {
        guard state == .open else { throw .invokeAborted(event: event) }
        var table = calls ?? CallTable()
        calls = nil
        guard table.count < settings.options.pendingCallLimit else {
            calls = table
            throw .resourceLimit("Too many calls are waiting for an answer")
        }
        let id = table.nextID()
        calls = table
        let milliseconds = timeout.map(\.milliseconds) ?? settings.options.ackTimeout
        let result: Result<JSONText?, AGError> = await withTaskCancellationHandler {
            await unsafe withUnsafeContinuation { continuation in
                if Task.isCancelled {
                    unsafe continuation.resume(returning: .failure(AGError.cancelled(event: event)))
                    return
                }
                let timer = context.loop.schedule(
                    transport,
                    tag: SocketTimer.firstCall + id,
                    afterMilliseconds: UInt64(milliseconds)
                )
                unsafe calls?.insert(CallTable.Call(event: event, continuation: continuation, timer: timer), for: id)
                sendEvent(
                    data.map { PacketWriter.invoke(event: event, cid: Int(id), data: $0) }
                        ?? PacketWriter.invoke(event: event, cid: Int(id))
                )
            }
        } onCancel: {
            context.loop.execute {
                self.assumeIsolated { $0.finishCall(id, .failure(AGError.cancelled(event: event))) }
            }
        }
        return try result.get()
    }

    func handleResponse(_ packet: Packet, of bytes: RawSpan) {
        guard let id = Self.callNumber(bytes.extracting(packet.cid)) else { return }
        if let range = packet.error, let error = AGError.hydrate(from: bytes.extracting(range)) {
            finishCall(id, .failure(error))
        } else {
            finishCall(id, .success(packet.data.map { JSONText(unchecked: Bytes.array(bytes.extracting($0))) }))
        }
    }

    /// `1.0` and `1e0` are the number 1 too; what is no number of a call answers nothing.
    private static func callNumber(_ rid: RawSpan) -> UInt32? {
        if let number = JSONNumber.integer(rid) { return UInt32(exactly: number) }
        return UInt32(exactly: JSONNumber.double(rid))
    }

    func callTimedOut(_ id: UInt32) {
        guard let call = calls?.remove(id) else { return }
        unsafe call.continuation.resume(
            returning: .failure(.responseTimeout(event: call.event))
        )
    }

    private func finishCall(_ id: UInt32, _ result: Result<JSONText?, AGError>) {
        // An answer to nothing is dropped silently (contract §2).
        guard let call = calls?.remove(id) else { return }
        context.loop.cancel(call.timer)
        unsafe call.continuation.resume(returning: result)
    }

    func abortCalls(type: AGError.ConnectionLoss, closure: AGClosure) {
        guard let aborted = calls?.removeAll() else { return }
        for call in aborted {
            context.loop.cancel(call.timer)
            unsafe call.continuation.resume(
                returning: .failure(
                    .callAborted(event: call.event, type: type, code: closure.code, reason: closure.reason)
                )
            )
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, at least 0.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Swift.max(0, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
