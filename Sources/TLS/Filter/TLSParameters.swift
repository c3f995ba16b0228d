import COpenSSLTLS

/// What two peers have agreed on.
public struct TLSParameters: Sendable, Hashable {
    /// The protocol's version.
    public let version: TLSVersion
    /// The cipher suite, by its name in the standards, for example `TLS_AES_256_GCM_SHA384`.
    public let cipherSuite: String
    /// The protocol above TLS (ALPN); nil if none was negotiated.
    public let applicationProtocol: String?
    /// Whether the connection began with a ticket of an earlier one.
    public let isResumed: Bool

    @unsafe
    init(_ ssl: OpaquePointer) {
        version = unsafe TLSVersion(number: SSL_version(ssl))
        let name = unsafe SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl))
        cipherSuite = unsafe name.map { unsafe String(cString: $0) } ?? ""
        var selected: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &selected, &length)
        applicationProtocol = unsafe selected.map {
            unsafe String(decoding: UnsafeBufferPointer(start: $0, count: Int(length)), as: UTF8.self)
        }
        isResumed = unsafe SSL_session_reused(ssl) == 1
    }
}
