/// Why a TLS connection, or the settings for one, did not work out.
///
/// Texts come from fixed tables of OpenSSL and of this module: no key, passphrase or content of a certificate is in them.
public struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, as an open set: more codes may come.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let rawValue: String

        /// A code of that name.
        /// - Parameter rawValue: The name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code's name.
        public var description: String { rawValue }

        /// The peers did not agree, or one of them broke the rules, before the connection was established.
        public static let handshakeFailed = Self(rawValue: "handshakeFailed")
        /// What the peer speaks is not TLS.
        public static let notTLS = Self(rawValue: "notTLS")
        /// The peer has no version of TLS in common with this side.
        public static let unsupportedVersion = Self(rawValue: "unsupportedVersion")
        /// The peer's certificate does not lead to a trusted authority, has expired, or is of no use here.
        public static let certificateInvalid = Self(rawValue: "certificateInvalid")
        /// The peer's certificate is for somebody else.
        public static let hostNameMismatch = Self(rawValue: "hostNameMismatch")
        /// The client has sent no certificate and has to.
        public static let certificateRequired = Self(rawValue: "certificateRequired")
        /// The peer ended the connection with an alert; see ``TLSError/alert``.
        public static let refusedByPeer = Self(rawValue: "refusedByPeer")
        /// The handshake was not done in time.
        public static let timedOut = Self(rawValue: "timedOut")
        /// The connection ended before the handshake was done.
        public static let closed = Self(rawValue: "closed")
        /// The peer ended the stream without saying so in TLS: something may be missing (RFC 8446 §6.1).
        public static let truncated = Self(rawValue: "truncated")
        /// What the peer sent after the handshake is damaged, forged or against the rules.
        public static let protocolViolation = Self(rawValue: "protocolViolation")
        /// The name of the server to connect to cannot be one, or is missing.
        public static let invalidServerName = Self(rawValue: "invalidServerName")
        /// The certificates of the authorities cannot be read.
        public static let invalidAuthorities = Self(rawValue: "invalidAuthorities")
        /// The own certificate or its chain cannot be read or is too weak.
        public static let invalidCertificate = Self(rawValue: "invalidCertificate")
        /// The private key cannot be read, or belongs to another certificate.
        public static let invalidPrivateKey = Self(rawValue: "invalidPrivateKey")
        /// The private key is encrypted, and the passphrase is missing or wrong.
        public static let wrongPassphrase = Self(rawValue: "wrongPassphrase")
        /// A setting that is out of its range or in contradiction to another one.
        public static let invalidOptions = Self(rawValue: "invalidOptions")
        /// OpenSSL failed for a reason of its own, such as a lack of memory.
        public static let unavailable = Self(rawValue: "unavailable")
    }

    /// What went wrong.
    public let code: Code
    /// The same for people, as a phrase; for a certificate, OpenSSL's reason for not accepting it.
    public let reason: String
    /// The number of the alert that the peer sent (RFC 8446 §6); nil if there was none.
    public let alert: UInt8?

    /// Creates an error.
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - reason: The same for people. Must not have secrets in it.
    ///   - alert: The number of the peer's alert.
    public init(_ code: Code, _ reason: String, alert: UInt8? = nil) {
        self.code = code
        self.reason = reason
        self.alert = alert
    }

    /// The code and the reason.
    public var description: String { "\(code): \(reason)" }
}
