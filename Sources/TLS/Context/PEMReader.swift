import COpenSSLTLS

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Reads certificates and keys into a context. OpenSSL is never in a position to ask anybody for a passphrase.
enum PEMReader {
    /// Gives the context a certificate with its chain and key.
    @unsafe
    static func use(_ identity: TLSIdentity, in context: OpaquePointer) throws(TLSError) {
        var isFirst = true
        let count = try unsafe certificates(in: identity.certificates, .invalidCertificate) { certificate in
            defer { isFirst = false }
            return unsafe isFirst
                ? SSL_CTX_use_certificate(context, certificate) == 1
                : tls_add_chain_certificate(context, certificate) == 1
        }
        guard count > 0 else { throw TLSError(.invalidCertificate, "no certificate in \(identity.certificates)") }
        let key = try unsafe privateKey(in: identity.privateKey, identity.passphrase)
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1 else {
            throw TLSError(.invalidPrivateKey, OpenSSLFailure.takeReason())
        }
    }

    /// Makes certificates anchors of trust.
    /// - Parameters:
    ///   - source: Where they are.
    ///   - context: What trusts them.
    ///   - isAnnounced: Whether peers are told which authorities are accepted.
    @unsafe
    static func trust(_ source: PEMSource, in context: OpaquePointer, announcing isAnnounced: Bool) throws(TLSError) {
        guard let store = unsafe SSL_CTX_get_cert_store(context) else {
            throw TLSError(.unavailable, "no store of certificates")
        }
        let count = try unsafe certificates(in: source, .invalidAuthorities) { certificate in
            guard unsafe X509_STORE_add_cert(store, certificate) == 1 else { return false }
            return unsafe !isAnnounced || SSL_CTX_add_client_CA(context, certificate) == 1
        }
        guard count > 0 else { throw TLSError(.invalidAuthorities, "no certificate in \(source)") }
        // What the owner named is trusted, also if it is not at the top of a chain.
        unsafe _ = X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    /// Calls a closure with every certificate of a source, in order.
    @unsafe
    private static func certificates(
        in source: PEMSource,
        _ code: TLSError.Code,
        _ body: (OpaquePointer) -> Bool
    ) throws(TLSError) -> Int {
        try unsafe withReader(source, code) { (bio) throws(TLSError) in
            var count = 0
            while let certificate = unsafe PEM_read_bio_X509(bio, nil, { _, _, _, _ in -1 }, nil) {
                defer { unsafe X509_free(certificate) }
                guard unsafe body(certificate) else { throw TLSError(code, OpenSSLFailure.takeReason()) }
                count += 1
            }
            let last = ERR_peek_last_error()
            guard ERR_GET_LIB(last) == ERR_LIB_PEM, ERR_GET_REASON(last) == PEM_R_NO_START_LINE else {
                throw TLSError(code, "\(source): \(OpenSSLFailure.takeReason())")
            }
            // The end of the text.
            ERR_clear_error()
            return count
        }
    }

    @unsafe
    private static func privateKey(in source: PEMSource, _ passphrase: String?) throws(TLSError) -> OpaquePointer {
        try unsafe withReader(source, .invalidPrivateKey) { (bio) throws(TLSError) in
            var request = PassphraseRequest(passphrase.map { Array($0.utf8) })
            defer { request.wipe() }
            let key = unsafe withUnsafeMutablePointer(to: &request) { pointer in
                unsafe PEM_read_bio_PrivateKey(
                    bio,
                    nil,
                    { buffer, size, _, argument in
                        guard let buffer = unsafe buffer, let argument = unsafe argument else { return -1 }
                        let request = unsafe argument.assumingMemoryBound(to: PassphraseRequest.self)
                        return unsafe request.pointee.answer(
                            UnsafeMutableRawBufferPointer(start: buffer, count: Int(size))
                        )
                    },
                    pointer
                )
            }
            if let key = unsafe key { return unsafe key }
            let reason = OpenSSLFailure.takeReason()
            guard request.wasAsked else { throw TLSError(.invalidPrivateKey, "\(source): \(reason)") }
            throw TLSError(
                .wrongPassphrase,
                passphrase == nil
                    ? "the private key is encrypted and no passphrase is given"
                    : "the passphrase does not decrypt the private key, or its cipher is not supported"
            )
        }
    }

    @unsafe
    private static func withReader<Result>(
        _ source: PEMSource,
        _ code: TLSError.Code,
        _ body: (OpaquePointer) throws(TLSError) -> Result
    ) throws(TLSError) -> Result {
        ERR_clear_error()
        switch source {
        case .file(let path):
            guard let bio = unsafe BIO_new_file(path, "r") else {
                throw TLSError(code, "\(source): \(OpenSSLFailure.takeReason())")
            }
            defer { unsafe BIO_free(bio) }
            return try unsafe body(bio)
        case .bytes(let bytes):
            // Allocated, since the reader keeps the address.
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
            defer {
                unsafe OPENSSL_cleanse(copy.baseAddress, copy.count)
                unsafe copy.deallocate()
            }
            unsafe copy.copyBytes(from: bytes)
            guard let bio = unsafe BIO_new_mem_buf(copy.baseAddress, Int32(clamping: bytes.count)) else {
                throw TLSError(.unavailable, OpenSSLFailure.takeReason())
            }
            defer { unsafe BIO_free(bio) }
            return try unsafe body(bio)
        }
    }

    private struct PassphraseRequest {
        private var passphrase: [UInt8]?
        private(set) var wasAsked = false

        init(_ passphrase: [UInt8]?) {
            self.passphrase = passphrase
        }

        /// Writes the passphrase and returns its length; -1 if there is none.
        @unsafe
        mutating func answer(_ buffer: UnsafeMutableRawBufferPointer) -> Int32 {
            wasAsked = true
            guard let passphrase, passphrase.count <= buffer.count else { return -1 }
            unsafe buffer.copyBytes(from: passphrase)
            return Int32(passphrase.count)
        }

        mutating func wipe() {
            guard passphrase != nil else { return }
            unsafe passphrase!.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
        }
    }
}
