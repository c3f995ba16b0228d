import COpenSSLTLS

/// A server's choice among the protocols that a client offers (ALPN, RFC 7301).
@safe
final class ProtocolSelection: Sendable {
    /// The server's protocols in the wire's format, at an address that does not change.
    private nonisolated(unsafe) let own: UnsafeMutableBufferPointer<UInt8>

    init(_ list: [UInt8]) {
        unsafe own = .allocate(capacity: list.count)
        _ = unsafe own.initialize(from: list)
    }

    deinit {
        unsafe own.deallocate()
    }

    /// Has the context choose; this object must live as long.
    @unsafe
    func install(in context: OpaquePointer) {
        unsafe SSL_CTX_set_alpn_select_cb(
            context,
            { _, chosen, length, offered, offeredLength, argument in
                guard let argument = unsafe argument, let chosen = unsafe chosen, let length = unsafe length else {
                    return SSL_TLSEXT_ERR_ALERT_FATAL
                }
                let own = unsafe Unmanaged<ProtocolSelection>.fromOpaque(argument).takeUnretainedValue().own
                var result: UnsafeMutablePointer<UInt8>?
                let status = unsafe SSL_select_next_proto(
                    &result,
                    length,
                    own.baseAddress,
                    UInt32(own.count),
                    offered,
                    offeredLength
                )
                guard status == OPENSSL_NPN_NEGOTIATED, let result = unsafe result else {
                    return SSL_TLSEXT_ERR_ALERT_FATAL
                }
                unsafe chosen.pointee = UnsafePointer(result)
                return SSL_TLSEXT_ERR_OK
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }
}
