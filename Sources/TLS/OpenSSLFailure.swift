import COpenSSLTLS

/// Reads the thread's queue of OpenSSL errors, and empties it: what is left there would be taken for the next caller's.
enum OpenSSLFailure {
    /// The reason of the first error, which the later ones follow from.
    static func takeReason() -> String {
        defer { ERR_clear_error() }
        let code = ERR_peek_error()
        guard code != 0 else { return "no reason given" }
        return text(of: code)
    }

    /// An error of an operation on a connection.
    /// - Parameters:
    ///   - ssl: The connection.
    ///   - isHandshaking: Whether it was being established.
    @unsafe
    static func take(_ ssl: OpaquePointer, isHandshaking: Bool) -> TLSError {
        defer { ERR_clear_error() }
        let code = ERR_peek_error()
        let other = isHandshaking ? TLSError.Code.handshakeFailed : .protocolViolation
        guard code != 0 else { return TLSError(other, "no reason given") }
        let reason = ERR_GET_REASON(code)
        guard ERR_GET_LIB(code) == ERR_LIB_SSL else { return TLSError(other, text(of: code)) }
        if reason == SSL_R_CERTIFICATE_VERIFY_FAILED { return unsafe verification(SSL_get_verify_result(ssl)) }
        if let alert = UInt8(exactly: reason - SSL_AD_REASON_OFFSET) {
            let name = unsafe SSL_alert_desc_string_long(Int32(alert)).map { unsafe String(cString: $0) }
            return TLSError(.refusedByPeer, "the peer's alert was: \(name ?? "unknown")", alert: alert)
        }
        return TLSError(isHandshaking ? self.code(for: reason) : other, text(of: code))
    }

    private static func verification(_ result: Int) -> TLSError {
        let reason = unsafe X509_verify_cert_error_string(result).map { unsafe String(cString: $0) } ?? "unknown"
        switch Int32(truncatingIfNeeded: result) {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: return TLSError(.hostNameMismatch, reason)
        default: return TLSError(.certificateInvalid, reason)
        }
    }

    private static func code(for reason: Int32) -> TLSError.Code {
        switch reason {
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_NO_PROTOCOLS_AVAILABLE: .unsupportedVersion
        // A record whose first bytes are not those of one.
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_BAD_RECORD_TYPE: .notTLS
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: .certificateRequired
        default: .handshakeFailed
        }
    }

    private static func text(of code: UInt) -> String {
        guard let text = unsafe ERR_reason_error_string(code) else { return "error \(ERR_GET_REASON(code))" }
        return unsafe String(cString: text)
    }
}
