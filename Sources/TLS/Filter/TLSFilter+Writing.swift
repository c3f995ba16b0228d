import COpenSSLTLS
import EventLoop

extension TLSFilter {
    /// Encrypted bytes that wait for the kernel, above which nothing more is encrypted: plain ones are no larger, and a
    /// turn of the loop should not encrypt megabytes for one connection.
    private static var wireLimit: Int { 256 * 1024 }
    /// What OpenSSL gets in one call.
    private static var chunkSize: Int { 64 * 1024 }
    /// The most plain bytes of a record (RFC 8446 §5.1).
    private static var recordSize: Int { 16 * 1024 }
    /// AES-GCM is safe for 2^24.5 full-sized records with one key (RFC 8446 §5.5).
    static var recordsPerKeyDefault: Int { 1 << 23 }

    /// Encrypts output. Returns how many bytes were taken: none before the handshake is done.
    @unsafe
    func encrypt(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch phase {
        case .unattached, .handshaking: return 0
        // Nobody will read it.
        case .finished: return bytes.count
        case .open: break
        }
        guard let ssl = unsafe ssl, let base = bytes.baseAddress else { return bytes.count }
        ERR_clear_error()
        var done = 0
        while done < bytes.count {
            guard wireBytes < Self.wireLimit else {
                // The rest when the kernel has taken this, in a later turn.
                flush()
                return done
            }
            let count = min(bytes.count - done, Self.chunkSize)
            unsafe renewKey(ssl, before: count)
            var written = 0
            let result = unsafe SSL_write_ex(ssl, base + done, count, &written)
            guard result == 1, written > 0 else {
                let error = unsafe OpenSSLFailure.take(ssl, isHandshaking: false)
                fail(inputFailure ?? error)
                return bytes.count
            }
            done += written
        }
        return done
    }

    /// All output is encrypted: says goodbye after the last of it.
    func sendClose() {
        guard isClosing, !hasSentClose, phase == .open, let ssl = unsafe ssl else { return }
        hasSentClose = true
        ERR_clear_error()
        unsafe _ = SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// Goes on with a new key before the present one has encrypted too much. TLS 1.2 has no way to.
    @unsafe
    private func renewKey(_ ssl: OpaquePointer, before count: Int) {
        recordsSent += (count + Self.recordSize - 1) / Self.recordSize
        guard recordsSent > recordsPerKey, parameters?.version == .tls13 else { return }
        recordsSent = 0
        unsafe _ = SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED)
    }
}
