import COpenSSLTLS

/// What many connections have in common: versions, trust, certificate, tickets. Made once, as it reads files and parses
/// keys, then shared by any number of connections on any loops.
@safe
public final class TLSContext: Sendable {
    /// The settings, without the identity, which is not needed any more.
    public let options: TLSOptions
    /// Immutable after `init`; OpenSSL counts its references atomically.
    private nonisolated(unsafe) let raw: OpaquePointer
    /// Tickets of servers; nil for a server, and if none are to be kept.
    let sessions: TLSSessionStore?
    /// A server's choice of a protocol; OpenSSL has its address.
    private let protocols: ProtocolSelection?

    /// Makes a context.
    /// - Parameter options: The settings. Files are read in this call.
    /// - Throws: ``TLSError`` with the code `invalidOptions`, `invalidAuthorities`, `invalidCertificate`,
    ///   `invalidPrivateKey`, `wrongPassphrase` or `unavailable`.
    public init(_ options: TLSOptions = .init()) throws(TLSError) {
        _ = Self.initialisation
        let names = try Self.wireFormat(options.applicationProtocols)
        ERR_clear_error()
        let isServer = options.role == .server
        guard let raw = unsafe SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw TLSError(.unavailable, OpenSSLFailure.takeReason())
        }
        unsafe self.raw = raw
        var remembered = options
        remembered.identity = nil
        self.options = remembered
        sessions = !isServer && options.resumesSessions ? TLSSessionStore() : nil
        protocols = isServer && !names.isEmpty ? ProtocolSelection(names) : nil
        // From here on a failure frees the context by deinit.
        defer { ERR_clear_error() }
        try unsafe TLSContextSettings(raw, options).apply()
        try set(names)
    }

    deinit {
        unsafe SSL_CTX_free(raw)
    }

    /// A process may end while loops still run, and must not take OpenSSL's tables from under them.
    private static let initialisation: Void = {
        _ = OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }()

    private static func wireFormat(_ names: [String]) throws(TLSError) -> [UInt8] {
        var list: [UInt8] = []
        for name in names {
            guard let length = UInt8(exactly: name.utf8.count), length > 0 else {
                throw TLSError(.invalidOptions, "applicationProtocols: a name has 1 to 255 bytes")
            }
            list.append(length)
            list += name.utf8
        }
        guard list.count <= Int(UInt16.max) else { throw TLSError(.invalidOptions, "applicationProtocols: too many") }
        return list
    }

    private func set(_ names: [UInt8]) throws(TLSError) {
        guard !names.isEmpty else { return }
        if let protocols {
            unsafe protocols.install(in: raw)
        } else if unsafe SSL_CTX_set_alpn_protos(raw, names, UInt32(names.count)) != 0 {
            // The other way round than anything else in OpenSSL: 0 is success.
            throw TLSError(.unavailable, OpenSSLFailure.takeReason())
        }
    }

    /// A connection's state with this side's role; nil without memory for it.
    @unsafe
    func makeConnection() -> OpaquePointer? {
        guard let ssl = unsafe SSL_new(raw) else {
            ERR_clear_error()
            return nil
        }
        if options.role == .server {
            unsafe SSL_set_accept_state(ssl)
        } else {
            unsafe SSL_set_connect_state(ssl)
        }
        return unsafe ssl
    }
}
