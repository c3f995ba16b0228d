/// Settings of a ``TLSContext``.
public struct TLSOptions: Sendable {
    /// Which side of a connection this is.
    public enum Role: Sendable, Hashable {
        /// Connects.
        case client
        /// Is connected to.
        case server
    }

    /// What a client requires of the server's certificate.
    public enum Verification: Sendable, Hashable {
        /// That it leads to a trusted authority and is for the server's name or address (RFC 9525). The name must be in a
        /// subject alternative name; the common name is not looked at. A wildcard stands for one whole label.
        case full
        /// That it leads to a trusted authority. Any server with a certificate of such an authority can pretend to be the one.
        case certificateOnly
        /// Nothing: anybody on the way can read and change everything. For experiments.
        case none
    }

    /// Whether a server asks clients for a certificate, which then must lead to an authority of ``trust``.
    public enum ClientCertificates: Sendable, Hashable {
        /// It does not.
        case ignored
        /// It asks; a client without one is served too.
        case requested
        /// It asks; a client without one is refused.
        case required
    }

    /// Which side of a connection this is. Client by default.
    public var role: Role
    /// The authorities that the peer's certificate may come from. The system's by default.
    public var trust = TLSTrust.system
    /// The certificate to show to the peer. None by default; a server needs one.
    public var identity: TLSIdentity?
    /// What a client requires of the server's certificate. Everything by default.
    public var verification = Verification.full
    /// Whether a server asks for certificates. It does not by default.
    public var clientCertificates = ClientCertificates.ignored
    /// The oldest version spoken. TLS 1.2 by default, and none is older.
    public var minimumVersion = TLSVersion.tls12
    /// The newest version spoken. TLS 1.3 by default.
    public var maximumVersion = TLSVersion.tls13
    /// The cipher suites of TLS 1.2, in OpenSSL's notation. By default those with forward secrecy and authenticated
    /// encryption only. TLS 1.3 has no others.
    public var cipherList = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL"
    /// Protocols to offer (client) or to accept (server), the preferred one first (ALPN, RFC 7301), for example `http/1.1`.
    /// None by default, which leaves the extension out. A server that gets an offer without a match refuses it.
    public var applicationProtocols: [String] = []
    /// Whether OpenSSL's record buffers are given back whenever they are empty. Saves an idle connection 34 KiB, of which 5
    /// to 9 KiB were in use if its messages were small, and costs three more allocations for two records. False by default.
    public var releasesBuffers = false
    /// Whether later connections to the same server may begin with a ticket of an earlier one (RFC 8446 §2.2, RFC 5077),
    /// which spares both sides the public-key operations. True by default.
    ///
    /// A client keeps the last ticket of each of the 64 names it used last. The certificate is not verified again: what was
    /// valid then stays valid for as long as the server takes the ticket, at most a day. A server keeps nothing: the key of its tickets is
    /// made with the context and lives as long.
    public var resumesSessions = true
    /// Milliseconds that a handshake may take. 10,000 by default.
    public var handshakeTimeoutMilliseconds: UInt64 = 10_000

    /// The default settings.
    /// - Parameter role: Which side of a connection this is.
    public init(role: Role = .client) {
        self.role = role
    }
}
