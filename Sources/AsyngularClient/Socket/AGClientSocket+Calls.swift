import AsyngularSupport
import EventLoop
import SocketProtocol
import StrictJSON

extension AGClientSocket {
    // MARK: transmit and invoke (contract §6)

    /// Sends an event that wants no answer. While the connection is being opened it waits; a closed one is opened.
    ///
    /// - Parameters:
    ///   - event: the event's name.
    ///   - data: what goes along; nil for nothing.
    ///   - ackTimeout: how long it may wait for the connection, after which it is dropped silently; nil for
    ///     ``AGClientOptions/ackTimeout``.
    public func transmit(_ event: String, _ data: JSONText? = nil, ackTimeout: Duration? = nil) {
        core.perform { $0.transmit(event, data, timeout: ackTimeout?.wholeMilliseconds, &$1) }
    }

    /// Sends a value; see ``transmit(_:_:ackTimeout:)``.
    public func transmit(_ event: String, _ value: JSONValue, ackTimeout: Duration? = nil) {
        transmit(event, JSONText(value), ackTimeout: ackTimeout)
    }

    /// Sends an encoded value; see ``transmit(_:_:ackTimeout:)``.
    ///
    /// - Throws: what encoding throws; nothing is sent then.
    public func transmit(_ event: String, encoding value: some Encodable & Sendable, ackTimeout: Duration? = nil) throws
    {
        transmit(event, try JSONText(encoding: value), ackTimeout: ackTimeout)
    }

    /// Calls a procedure of the server and waits for its answer. While the connection is being opened the call waits; a closed one is opened.
    ///
    /// Cancelling the task ends the call at once with an `AbortError`; the answer is then ignored.
    ///
    /// - Parameters:
    ///   - event: the procedure's name.
    ///   - data: what goes along; nil for nothing.
    ///   - ackTimeout: how long to wait; nil for ``AGClientOptions/ackTimeout``.
    /// - Returns: the answer's data; nil if it had none.
    /// - Throws: the server's error; `TimeoutError`; `BadConnectionError` with `type`, `code` and `reason` if the connection ends
    ///   meanwhile or cannot be opened; `ResourceLimitError` if too much is waiting.
    @discardableResult
    public nonisolated(nonsending) func invoke(
        _ event: String,
        _ data: JSONText? = nil,
        ackTimeout: Duration? = nil
    ) async throws(AGError) -> JSONText? {
        let timeout = ackTimeout?.wholeMilliseconds
        let id = core.nextCall()
        // Not on the socket's executor, to which a task would go before the call, and once more after the answer: the task stays where it is,
        // what it wants done goes to the loop, and the answer comes back to it.
        let result: Result<JSONText?, AGError> = await withTaskCancellationHandler {
            await unsafe withUnsafeContinuation { continuation in
                if Task.isCancelled {
                    unsafe continuation.resume(returning: .failure(.cancelled(event: event)))
                    return
                }
                let caller = unsafe ClientCaller.call(continuation)
                core.invoke(id, caller, event, data, timeout: timeout)
                // Cancelled before there was anything to be given up.
                if Task.isCancelled { core.abandon(id) }
            }
        } onCancel: {
            core.abandon(id)
        }
        return try result.get()
    }

    /// Calls with a value; see ``invoke(_:_:ackTimeout:)``.
    @discardableResult
    public nonisolated(nonsending) func invoke(
        _ event: String,
        _ value: JSONValue,
        ackTimeout: Duration? = nil
    ) async throws(AGError) -> JSONText? {
        try await invoke(event, JSONText(value), ackTimeout: ackTimeout)
    }

    /// Calls with an encoded value and decodes the answer; see ``invoke(_:_:ackTimeout:)``.
    ///
    /// - Throws: also what encoding and decoding throw. An answer without data is decoded as `null`.
    public nonisolated(nonsending) func invoke<Answer: Decodable & Sendable>(
        _ event: String,
        encoding value: some Encodable & Sendable,
        as type: Answer.Type = Answer.self,
        ackTimeout: Duration? = nil
    ) async throws -> Answer {
        let answer = try await invoke(event, try JSONText(encoding: value), ackTimeout: ackTimeout)
        return try (answer ?? JSONText(.null)).decode(as: type)
    }
}

extension ClientCore {
    /// Makes a call, at once if this is the loop's thread. From any thread.
    func invoke(_ id: UInt32, _ caller: ClientCaller, _ event: String, _ data: JSONText?, timeout: UInt64?) {
        if loop.isInEventLoop {
            perform { $0.invoke(id, caller, event, data, timeout: timeout, &$1) }
        } else {
            loop.execute { self.perform { $0.invoke(id, caller, event, data, timeout: timeout, &$1) } }
        }
    }

    /// The task that waits for a call was cancelled. From any thread.
    func abandon(_ id: UInt32) {
        loop.execute { self.perform { $0.abandon(id, &$1) } }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, at least 0.
    var wholeMilliseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let fraction = UInt64((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1000)
        return overflow ? UInt64(Int32.max) : min(whole + fraction, UInt64(Int32.max))
    }
}
