import EventLoop
import WebSocket

/// A connection that speaks HTTP: answers its requests one after another, until one of them is upgraded to a WebSocket.
///
/// Confined to its event loop. A WebSocket's connection keeps nothing of this object: the handler is replaced and goes
/// away. Requests that a client sends ahead of their turn stay bytes in `held`, so that answers come in order and what
/// waits is bounded.
final class HTTPHandler: ConnectionHandler, Placed, @unchecked Sendable {
    enum State {
        /// A request is awaited or arriving.
        case reading
        /// A request waits for its handler, or an upgrade for its verdict; input is held.
        case waiting
        /// The client is slow to take answers; input is held.
        case flushing
        /// The last answer was written.
        case closing
    }

    /// What the one timer of a connection waits for; raw values are timer tags.
    enum Deadline: UInt32 {
        case head = 1
        case body, handler, flush
    }

    let context: LoopContext
    // Exclusivity is not checked at run time: the object is confined to one thread, and no access to these spans a call of
    // the program's code.
    @safe @exclusivity(unchecked) var reader: HTTPRequestReader
    @safe @exclusivity(unchecked) var state = State.reading
    /// The request being read or answered.
    @safe @exclusivity(unchecked) var pending: PendingRequest?
    /// Requests so far.
    @safe @exclusivity(unchecked) var requests = 0
    /// The running handler's task, and the number that its answer must carry.
    var task: Task<Void, Never>?
    var ticket: UInt64 = 0
    var hasPeerEnded = false
    /// The WebSocket that has taken the connection over, until it was given the bytes behind the upgrade.
    @safe @exclusivity(unchecked) var successor: WebSocketTransport?
    /// The socket whose token is being judged before its upgrade is answered.
    var upgrading: AGServerSocket?
    /// What the client had not acknowledged when the present wait for it began.
    var unacknowledged = 0
    /// The place in the loop's set of them.
    @safe @exclusivity(unchecked) var place = Int.max

    @safe @exclusivity(unchecked) private var held: [UInt8] = []
    @safe @exclusivity(unchecked) private var isProcessing = false
    @safe @exclusivity(unchecked) private var deadline = TimerID.none

    init(context: LoopContext) {
        self.context = context
        reader = HTTPRequestReader(limits: context.settings.headLimits)
    }

    // MARK: Life

    override func connected() {
        guard !context.isDraining else {
            connection?.abort()
            return
        }
        context.httpConnections.insert(self)
        connection?.setPatient(true)
        // From accept, because the protocol's own handshake timeout begins only with the upgrade.
        setDeadline(.head, context.settings.options.handshakeTimeout)
    }

    func setDeadline(_ kind: Deadline, _ milliseconds: Int) {
        context.loop.cancel(deadline)
        deadline = context.loop.schedule(self, tag: kind.rawValue, afterMilliseconds: UInt64(milliseconds))
    }

    /// Gives up the timer and the place among the connections: the last thing before the connection closes or changes
    /// hands.
    func release() {
        context.loop.cancel(deadline)
        context.httpConnections.remove(self)
    }

    override func closed(_ reason: ConnectionCloseReason) {
        state = .closing
        abandonTask()
        abandonUpgrade()
        pending = nil
        held = []
        release()
    }

    /// The handler's answer, if one still comes, is not waited for.
    func abandonTask() {
        ticket &+= 1
        task?.cancel()
        task = nil
    }

    /// Shutdown: what has begun is finished, what is still coming is not waited for.
    func drain() {
        switch state {
        case .reading where pending == nil, .waiting where pending == nil: giveUp(status: 503)
        case .flushing: close()
        case .reading, .waiting, .closing: break
        }
    }

    override func timerFired(_ tag: UInt32) {
        switch Deadline(rawValue: tag) {
        case .head, .body: giveUp(status: 408)
        case .handler: handlerExpired()
        case .flush: flushExpired()
        case nil: break
        }
    }

    /// The request that is arriving is refused, or the upgrade that waits for its verdict. A request of which not a byte came
    /// is not there to be answered.
    private func giveUp(status: Int) {
        switch state {
        case .waiting where pending == nil:
            abandonUpgrade()
            refuse(HTTPError(status: 503))
        case .reading where reader.isMidRequest: refuse(HTTPError(status: status))
        case .reading: close()
        case .waiting, .flushing, .closing: break
        }
    }

    func close() {
        state = .closing
        release()
        connection?.close()
    }

    // MARK: Input

    override func receive(_ bytes: inout MutableRawSpan) {
        switch state {
        case .reading: unsafe bytes.withUnsafeMutableBytes { unsafe process($0) }
        case .waiting, .flushing: unsafe bytes.withUnsafeMutableBytes { unsafe hold($0) }
        case .closing: break
        }
    }

    override func receivedEnd() {
        hasPeerEnded = true
        switch state {
        // Every whole request was answered; what is left of another one will not become whole.
        case .reading: close()
        // An answer is still good for something, a WebSocket is not.
        case .waiting where pending == nil: close()
        case .waiting, .flushing, .closing: break
        }
    }

    override func writabilityChanged(_ isWritable: Bool) {
        if isWritable { flushed() }
    }

    private func hold(_ bytes: UnsafeMutableRawBufferPointer) {
        unsafe held.append(contentsOf: bytes)
        if held.count >= context.settings.options.http.maximumPipelinedBytes { connection?.pauseReading() }
    }

    /// Takes up what was held, then reads on; after an answer, and after an upgrade that was waited for.
    func resume() {
        guard !isProcessing else { return }
        if !held.isEmpty {
            var bytes = held
            held = []
            unsafe bytes.withUnsafeMutableBytes { unsafe process($0) }
        }
        guard state == .reading else { return }
        if hasPeerEnded {
            close()
        } else {
            connection?.resumeReading()
        }
    }

    private func process(_ bytes: UnsafeMutableRawBufferPointer) {
        isProcessing = true
        defer { isProcessing = false }
        var position = 0
        do throws(HTTPError) {
            while state == .reading {
                guard
                    let event = try reader.next(
                        unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes)),
                        at: &position
                    )
                else {
                    return
                }
                switch consume event {
                case .head(let head): try begin(head)
                case .content(let range): unsafe pending?.body.append(contentsOf: bytes[range])
                case .end: complete()
                }
            }
        } catch {
            refuse(error)
            return
        }
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[position...])
        if let successor {
            self.successor = nil
            guard rest.count > 0 else { return }
            var span = unsafe MutableRawSpan(_unsafeBytes: rest)
            successor.receive(&span)
        } else if state != .closing {
            unsafe hold(rest)
        }
    }
}
