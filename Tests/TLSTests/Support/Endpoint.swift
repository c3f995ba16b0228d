import EventLoop
import TLS

/// One end of a connection with TLS, which reports to the test.
final class Endpoint: ConnectionHandler, @unchecked Sendable {
    enum Event: Sendable, Equatable {
        case secured(TLSParameters)
        case refused(TLSError)
        case bytes([UInt8])
        case end
        case closed(ConnectionCloseReason)
    }

    let events = EventQueue<Event>()
    let filter: TLSFilter
    /// Runs on the loop when the handler is connected, behind the filter's attachment.
    var onConnected: ((Connection) -> Void)?
    var onSecured: ((Connection) -> Void)?
    var onReceive: ((Connection, inout MutableRawSpan) -> Void)?
    var onClosed: ((TLSFilter) -> Void)?
    /// Whether the connection is closed when the peer ends its side.
    var closesAtEnd = true
    /// Whether received bytes are reported.
    var recordsBytes = true

    init(_ context: TLSContext, serverName: String? = "localhost", timeout: UInt64? = nil) {
        let later = Locked<Endpoint?>(nil)
        filter = TLSFilter(
            context: context,
            serverName: context.options.role == .client ? serverName : nil,
            handshakeTimeoutMilliseconds: timeout
        ) { result in
            let endpoint = later.value
            later.change { $0 = nil }
            switch result {
            case .success(let parameters):
                endpoint?.events.append(.secured(parameters))
                if let connection = endpoint?.connection { endpoint?.onSecured?(connection) }
            case .failure(let error): endpoint?.events.append(.refused(error))
            }
        }
        super.init()
        later.change { $0 = self }
    }

    override func connected() {
        guard let connection else { return }
        connection.attach(filter)
        onConnected?(connection)
    }

    override func receive(_ bytes: inout MutableRawSpan) {
        if recordsBytes { events.append(.bytes(bytes.bytes.copied())) }
        if let connection { onReceive?(connection, &bytes) }
    }

    override func receivedEnd() {
        events.append(.end)
        if closesAtEnd { connection?.close() }
    }

    override func closed(_ reason: ConnectionCloseReason) {
        onClosed?(filter)
        events.append(.closed(reason))
    }

    /// The outcome of the handshake.
    func outcome() async -> Result<TLSParameters, TLSError> {
        while true {
            switch await events.next() {
            case .secured(let parameters): return .success(parameters)
            case .refused(let error): return .failure(error)
            default: continue
            }
        }
    }

    /// That many plain bytes, or fewer if the stream ends.
    func receive(exactly count: Int) async -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard case .bytes(let more) = await events.next() else { break }
            bytes += more
        }
        return bytes
    }

    /// Why the connection ended.
    func end() async -> ConnectionCloseReason {
        while true {
            if case .closed(let reason) = await events.next() { return reason }
        }
    }
}

extension RawSpan {
    func copied() -> [UInt8] {
        unsafe withUnsafeBytes { unsafe Array($0) }
    }
}

extension EventLoop {
    /// Runs a closure on the loop and awaits its result.
    func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            execute { continuation.resume(returning: body()) }
        }
    }
}

extension Connection {
    func send(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe write(RawSpan(_unsafeBytes: $0)) }
    }
}

extension Connection.Options {
    /// Without the deadlines of a close, which a loaded machine would meet.
    static var patient: Self {
        var options = Self()
        options.lingerTimeoutMilliseconds = 600_000
        options.flushTimeoutMilliseconds = 600_000
        return options
    }
}
