/// Tokens that are no longer good although their signature and times are.
public struct AGRevocation: Sendable, Hashable, Codable {
    /// Which tokens.
    public enum Target: Sendable, Hashable, Codable {
        /// The token with this `jti`.
        case tokenID(String)
        /// The tokens with this `sub` whose `iat` is before `issuedBefore`, seconds since 1970; nil: all of them, also those
        /// signed later.
        case subject(String, issuedBefore: Double?)
        /// Every token whose `iat` is before this, seconds since 1970.
        case issuedBefore(Double)
    }

    /// Which tokens. One without `iat` counts as issued before any time.
    public let target: Target
    /// When the last of those tokens will have expired, seconds since 1970, and this can be forgotten; nil: never.
    public let expiresAt: Double?

    init(_ target: Target, until expiresAt: Double?) {
        self.target = target
        self.expiresAt = expiresAt
    }

    /// One token, by its `jti`.
    ///
    /// - Parameter expiresAt: the token's own `exp`; nil keeps the revocation for ever.
    public static func tokenID(_ id: String, until expiresAt: Double? = nil) -> AGRevocation {
        AGRevocation(.tokenID(id), until: expiresAt)
    }

    /// A subject's tokens, by `sub`.
    ///
    /// - Parameters:
    ///   - subject: whom.
    ///   - time: seconds since 1970; tokens with an `iat` before it. By default the end of the present second: what was signed
    ///     until now, so that the subject can log in again.
    ///   - expiresAt: when those tokens will have expired; nil keeps the revocation for ever.
    public static func subject(
        _ subject: String,
        issuedBefore time: Double? = nil,
        until expiresAt: Double? = nil
    ) -> AGRevocation {
        AGRevocation(.subject(subject, issuedBefore: time ?? Double(WallClock.seconds() + 1)), until: expiresAt)
    }

    /// A subject's tokens whenever signed: the subject is locked out.
    public static func allTokens(ofSubject subject: String, until expiresAt: Double? = nil) -> AGRevocation {
        AGRevocation(.subject(subject, issuedBefore: nil), until: expiresAt)
    }

    /// Every token with an `iat` before a time, seconds since 1970.
    public static func issuedBefore(_ time: Double) -> AGRevocation {
        AGRevocation(.issuedBefore(time), until: nil)
    }

    /// Whether it concerns a token.
    func concerns(_ token: AGAuthToken) -> Bool {
        switch target {
        case .tokenID(let id): token.tokenID == id
        case .subject(let subject, let time):
            token.subject == subject && time.map { (token.issuedAt ?? -.infinity) < $0 } ?? true
        case .issuedBefore(let time): (token.issuedAt ?? -.infinity) < time
        }
    }
}

/// What happens to an open socket whose token is revoked.
public enum AGRevocationAction: Sendable, Hashable {
    /// It loses its identity: `#removeAuthToken`, as ``AGServerSocket/deauthenticate()``.
    case deauthenticate
    /// It is told to forget its token and is closed with this code. From 4500 on clients do not reconnect (contract §13).
    case disconnect(code: UInt16)
}
