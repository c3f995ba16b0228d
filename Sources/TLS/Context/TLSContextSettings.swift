import COpenSSLTLS

/// Brings the options into OpenSSL's context.
@safe
struct TLSContextSettings {
    private let context: OpaquePointer
    private let options: TLSOptions
    private var isServer: Bool { options.role == .server }

    @unsafe
    init(_ context: OpaquePointer, _ options: TLSOptions) {
        unsafe self.context = context
        self.options = options
    }

    func apply() throws(TLSError) {
        try setVersionsAndCiphers()
        setModes()
        setTickets()
        try setTrust()
        if let identity = options.identity {
            try unsafe PEMReader.use(identity, in: context)
        } else if isServer {
            throw TLSError(.invalidOptions, "a server needs an identity")
        }
    }

    private func setVersionsAndCiphers() throws(TLSError) {
        guard options.minimumVersion <= options.maximumVersion else {
            throw TLSError(.invalidOptions, "minimumVersion is newer than maximumVersion")
        }
        // Whatever the system's configuration file says: 112 bits of security at least.
        unsafe SSL_CTX_set_security_level(context, 2)
        guard
            unsafe tls_set_versions(context, options.minimumVersion.number, options.maximumVersion.number) == 1
                && SSL_CTX_set_cipher_list(context, options.cipherList) == 1
        else {
            throw TLSError(.invalidOptions, "cipherList: \(OpenSSLFailure.takeReason())")
        }
    }

    private func setModes() {
        var flags = TLS_OPTION_NO_RENEGOTIATION | TLS_OPTION_NO_COMPRESSION
        if isServer { flags |= TLS_OPTION_SERVER_PREFERENCE }
        unsafe _ = SSL_CTX_set_options(context, flags)
        // Output lies in the loop's blocks, which move on. A chain is what the owner gave, not what the store may add.
        var mode = SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN
        if options.releasesBuffers { mode |= SSL_MODE_RELEASE_BUFFERS }
        unsafe tls_set_mode(context, Int(mode))
        // One copy of what has arrived, not two for each record.
        unsafe tls_set_read_ahead(context)
    }

    private func setTickets() {
        if isServer {
            unsafe tls_set_session_cache(context, Int(SSL_SESS_CACHE_OFF))
            if options.resumesSessions {
                // Without it a resumed client that had a certificate would be refused.
                let name = Array("asyngular".utf8)
                unsafe _ = SSL_CTX_set_session_id_context(context, name, UInt32(name.count))
                unsafe _ = SSL_CTX_set_num_tickets(context, 1)
            } else {
                unsafe _ = SSL_CTX_set_options(context, TLS_OPTION_NO_TICKET)
                unsafe _ = SSL_CTX_set_num_tickets(context, 0)
            }
        } else if options.resumesSessions {
            unsafe tls_set_session_cache(context, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
            unsafe TLSSessionStore.install(in: context)
        } else {
            unsafe tls_set_session_cache(context, Int(SSL_SESS_CACHE_OFF))
            unsafe _ = SSL_CTX_set_options(context, TLS_OPTION_NO_TICKET)
        }
    }

    private func setTrust() throws(TLSError) {
        var mode = SSL_VERIFY_NONE
        if isServer {
            switch options.clientCertificates {
            case .ignored: break
            case .requested: mode = SSL_VERIFY_PEER
            case .required: mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
            }
        } else if options.verification != .none {
            mode = SSL_VERIFY_PEER
        }
        unsafe SSL_CTX_set_verify(context, mode, nil)
        guard mode != SSL_VERIFY_NONE else { return }
        if options.trust.includesSystem, unsafe SSL_CTX_set_default_verify_paths(context) != 1 {
            throw TLSError(.invalidAuthorities, OpenSSLFailure.takeReason())
        }
        if let source = options.trust.source {
            try unsafe PEMReader.trust(source, in: context, announcing: isServer)
        }
    }
}
