import COpenSSLTLS
import EventLoop

/// TLS between a socket and its handler, for one connection. Confined to the connection's loop.
///
/// Attach it in ``ConnectionHandler/connected()``. What the handler writes before the handshake is done waits, within the
/// connection's output limit. ``Connection/close()`` sends a close notification behind all output; the peer's notification is the
/// handler's ``ConnectionHandler/receivedEnd()``. A stream that ends without one is cut: the connection is aborted, and
/// ``failure`` says `truncated`. After any failure the connection is closed, with an alert to the peer where the protocol has one; the
/// handler's ``ConnectionHandler/closed(_:)`` follows.
@safe
public final class TLSFilter: TransportFilter, @unchecked Sendable {
    enum Phase {
        case unattached, handshaking, open
        /// The peer gets and gives nothing more.
        case finished
    }

    /// The settings.
    public let context: TLSContext
    /// The name as given, of a client only.
    private let givenName: String?
    private let handshakeTimeout: UInt64

    // Exclusivity is not checked at run time: the object is confined to one thread, and no access to one of these lasts
    // while a handler is called.

    /// OpenSSL's state, while attached.
    @exclusivity(unchecked) private(set) var ssl: OpaquePointer?
    @safe @exclusivity(unchecked) var phase = Phase.unattached
    /// Input that OpenSSL has not taken, during a call.
    @exclusivity(unchecked) private var input: UnsafeRawBufferPointer
    /// Input kept for a later call, because the handler paused or the turn had no time for a handshake.
    @safe @exclusivity(unchecked) var held: [UInt8] = []
    /// Input is kept and not handed to OpenSSL.
    @safe @exclusivity(unchecked) var isHolding = false
    /// A body that goes on with what is held is on its way.
    @safe @exclusivity(unchecked) var isResuming = false
    /// The socket's input ended.
    @safe @exclusivity(unchecked) var hasWireEnded = false
    /// The peer's close notification came.
    @safe @exclusivity(unchecked) var hasInputEnded = false
    /// Known while what came before it is still being delivered.
    @safe @exclusivity(unchecked) var inputFailure: TLSError?
    /// The handler closed the connection.
    @safe @exclusivity(unchecked) var isClosing = false
    @safe @exclusivity(unchecked) var hasSentClose = false
    /// Records sent with the present key, and how many a key is for.
    @safe @exclusivity(unchecked) var recordsSent = 0
    @safe @exclusivity(unchecked) var recordsPerKey = TLSFilter.recordsPerKeyDefault
    @safe @exclusivity(unchecked) var deadline = TimerID.none
    @safe @exclusivity(unchecked) private var isAttaching = false
    @safe @exclusivity(unchecked) private var startFailure: TLSError?
    /// What tickets are kept under; nil if they are not.
    @safe @exclusivity(unchecked) private(set) var sessionName: String?
    @safe @exclusivity(unchecked) private var completion: ((Result<TLSParameters, TLSError>) -> Void)?

    /// What ended the connection, if TLS did; also a failed handshake's error. Stays when the connection is gone.
    @safe @exclusivity(unchecked) public private(set) var failure: TLSError?
    /// What was negotiated; nil before the handshake is done.
    @safe @exclusivity(unchecked) public private(set) var parameters: TLSParameters?

    /// Creates a filter for one connection.
    /// - Parameters:
    ///   - context: The settings and the role.
    ///   - serverName: The server's host name in ASCII (A-labels) or address, of a client only: the certificate must be for
    ///     it, and the server is told a host name. May be nil if the context does not check names.
    ///   - handshakeTimeoutMilliseconds: How long the handshake may take; nil (the default) for the context's setting.
    ///   - completion: Called once, on the loop: when the handshake is done, or when it has failed and the connection
    ///     is being closed, or when the connection ended before.
    public init(
        context: TLSContext,
        serverName: String? = nil,
        handshakeTimeoutMilliseconds: UInt64? = nil,
        completion: @escaping (Result<TLSParameters, TLSError>) -> Void
    ) {
        self.context = context
        givenName = serverName
        handshakeTimeout = handshakeTimeoutMilliseconds ?? context.options.handshakeTimeoutMilliseconds
        self.completion = completion
        unsafe ssl = nil
        unsafe input = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    deinit {
        unsafe SSL_free(ssl)
    }

    /// The peer's certificate in the DER format; nil if it has shown none, or before the handshake is done.
    public func peerCertificate() -> [UInt8]? {
        guard let ssl = unsafe ssl, phase == .open, let certificate = unsafe tls_peer_certificate(ssl) else {
            return nil
        }
        defer { unsafe X509_free(certificate) }
        let length = unsafe i2d_X509(certificate, nil)
        guard length > 0 else { return nil }
        return unsafe Array(unsafeUninitializedCapacity: Int(length)) { buffer, count in
            var next = buffer.baseAddress
            count = Int(unsafe i2d_X509(certificate, &next))
        }
    }

    /// Starts the handshake.
    public override func attached() {
        guard let loop = connection?.loop else { return }
        phase = .handshaking
        deadline = loop.schedule(HandshakeDeadline(self), afterMilliseconds: handshakeTimeout)
        isAttaching = true
        defer { isAttaching = false }
        do throws(TLSError) {
            try start()
            if context.options.role == .client { handshake() }
        } catch {
            fail(error)
        }
    }

    /// Decrypts bytes from the peer.
    /// - Parameter bytes: Valid during the call only.
    public override func receive(_ bytes: inout MutableRawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe decrypt($0) }
    }

    /// Sees whether the peer said goodbye before it ended the stream.
    public override func receivedEnd() { endWire() }

    /// Goes on with the input that was kept while the handler had paused.
    public override func readingResumed() { resumeHeld() }

    /// Encrypts output.
    /// - Parameter bytes: Plain output in order; valid during the call only.
    /// - Returns: How many bytes were taken: none before the handshake is done.
    public override func transform(_ bytes: UnsafeRawBufferPointer) -> Int { unsafe encrypt(bytes) }

    /// Sends the close notification, if it is time for it.
    public override func transformed() { sendClose() }

    /// Has a close notification follow the output.
    public override func closeOutput() { isClosing = true }

    /// The timer fired.
    func deadlinePassed() {
        deadline = .none
        if let startFailure {
            fail(startFailure)
        } else if phase == .handshaking {
            fail(TLSError(.timedOut, "the handshake was not done in time"), abort: true)
        }
    }

    /// Frees what the connection needed.
    public override func detached() {
        connection?.loop.cancel(deadline)
        deadline = .none
        if let ssl = unsafe ssl {
            // Otherwise OpenSSL would take a connection that was just cut for a reason to distrust its ticket.
            if failure == nil, phase == .open {
                unsafe SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
            }
            unsafe SSL_free(ssl)
            unsafe self.ssl = nil
        }
        held = []
        phase = .finished
        guard completion != nil else { return }
        let error = TLSError(.closed, "the connection ended during the handshake")
        failure = error
        complete(.failure(error))
    }

    private func start() throws(TLSError) {
        ERR_clear_error()
        guard let ssl = unsafe context.makeConnection() else {
            throw TLSError(.unavailable, "no memory for a connection")
        }
        unsafe self.ssl = ssl
        guard unsafe LoopBIO.install(self, in: ssl) else { throw TLSError(.unavailable, OpenSSLFailure.takeReason()) }
        guard context.options.role == .client else { return }
        let isChecked = context.options.verification == .full
        guard let givenName else {
            if isChecked { throw TLSError(.invalidServerName, "a server's name is needed to check its certificate") }
            return
        }
        let name = try ServerName(givenName)
        guard unsafe name.apply(to: ssl, checking: isChecked) else {
            throw TLSError(.invalidServerName, OpenSSLFailure.takeReason())
        }
        if let sessions = context.sessions {
            sessionName = name.text
            unsafe sessions.resume(ssl, with: name.text)
        }
    }

    /// The handshake is done.
    @unsafe
    func opened(_ ssl: OpaquePointer) {
        connection?.loop.cancel(deadline)
        deadline = .none
        phase = .open
        let parameters = unsafe TLSParameters(ssl)
        self.parameters = parameters
        complete(.success(parameters))
        // Output may be waiting.
        flush()
    }

    /// Ends the connection for a reason of TLS. Output that waits is dropped; an alert that OpenSSL has written is sent.
    func fail(_ error: TLSError, abort: Bool = false) {
        guard phase != .finished else { return }
        if isAttaching, let loop = connection?.loop {
            // Nobody expects an answer before the call has returned.
            startFailure = error
            loop.cancel(deadline)
            deadline = loop.schedule(HandshakeDeadline(self), afterMilliseconds: 0)
            return
        }
        phase = .finished
        failure = error
        held = []
        connection?.loop.cancel(deadline)
        deadline = .none
        if completion != nil { complete(.failure(error)) }
        if abort { connection?.abort() } else { connection?.close() }
        flush()
    }

    private func complete(_ result: Result<TLSParameters, TLSError>) {
        let completion = completion
        self.completion = nil
        completion?(result)
    }

    // MARK: OpenSSL's side

    /// Lets OpenSSL take input during a call.
    /// - Parameters:
    ///   - bytes: What has arrived.
    ///   - body: Runs OpenSSL.
    /// - Returns: What was not taken.
    @unsafe
    func withInput(_ bytes: UnsafeRawBufferPointer, _ body: () -> Void) -> UnsafeRawBufferPointer {
        unsafe input = bytes
        body()
        defer { unsafe input = UnsafeRawBufferPointer(start: nil, count: 0) }
        return unsafe input
    }

    /// Gives OpenSSL input. Returns how much; 0 if there is none at present.
    @unsafe
    func takeInput(_ target: UnsafeMutableRawBufferPointer) -> Int {
        let count = unsafe min(target.count, input.count)
        guard count > 0 else { return 0 }
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        unsafe input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }

    /// Takes OpenSSL's output.
    @unsafe
    func putOutput(_ bytes: UnsafeRawBufferPointer) {
        unsafe withReservedWireOutput(bytes.count) { space in
            unsafe space.copyMemory(from: bytes)
            return bytes.count
        }
    }
}
