public import EventLoop
public import TLS

/// Why no WebSocket could be opened.
///
/// The text names hosts, ports and statuses, never a token, a password, a header's value or a query.
public struct DialError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as an open set: more codes may come.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let rawValue: String

        /// A code of that name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code's name.
        public var description: String { rawValue }

        /// The URL is none, or of another scheme.
        public static let invalidURL = Self(rawValue: "invalidURL")
        /// An option that makes no sense, such as a header field with a line break.
        public static let invalidOptions = Self(rawValue: "invalidOptions")
        /// The host's name has no address, or nobody could be asked for it.
        public static let nameNotResolved = Self(rawValue: "nameNotResolved")
        /// None of the host's addresses could be connected to; ``DialError/transport`` is the last one's error.
        public static let connectionFailed = Self(rawValue: "connectionFailed")
        /// The connection was lost before the WebSocket was open.
        public static let connectionLost = Self(rawValue: "connectionLost")
        /// All of it took longer than ``DialOptions/timeoutMilliseconds``.
        public static let timedOut = Self(rawValue: "timedOut")
        /// The proxy opened no tunnel; ``DialError/status`` is its answer's, if it was one.
        public static let proxyRefused = Self(rawValue: "proxyRefused")
        /// The proxy asks for credentials, or for other ones (407).
        public static let proxyAuthenticationRequired = Self(rawValue: "proxyAuthenticationRequired")
        /// TLS could not be established; see ``DialError/tls``.
        public static let tlsFailed = Self(rawValue: "tlsFailed")
        /// The server answered the opening handshake with another ``DialError/status`` than 101.
        public static let refused = Self(rawValue: "refused")
        /// The server's answer to the opening handshake is none (RFC 6455 §4.1).
        public static let invalidResponse = Self(rawValue: "invalidResponse")
        /// The event loop was shut down.
        public static let shutDown = Self(rawValue: "shutDown")
    }

    /// What went wrong.
    public let code: Code
    /// The same for people.
    public let reason: String
    /// The status of an answer that refused; nil if there was none.
    public let status: Int?
    /// What the system said; nil if it was not the system.
    public let transport: EventLoopError?
    /// What TLS said; nil if it was not TLS.
    public let tls: TLSError?

    /// Creates an error.
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - reason: The same for people. Must not have secrets in it.
    ///   - status: The status of an answer that refused.
    ///   - transport: What the system said.
    ///   - tls: What TLS said.
    public init(
        _ code: Code,
        _ reason: String,
        status: Int? = nil,
        transport: EventLoopError? = nil,
        tls: TLSError? = nil
    ) {
        self.code = code
        self.reason = reason
        self.status = status
        self.transport = transport
        self.tls = tls
    }

    /// The code and the reason.
    public var description: String { "\(code): \(reason)" }
}
