import StrictJSON

/// A token whose signature and times have been found valid.
///
/// The claims are kept as the bytes that were signed and decoded only when asked for.
public struct VerifiedToken: Sendable, Hashable {
    /// The claims: a JSON object in UTF-8 without duplicate members.
    public let payload: [UInt8]
    /// The algorithm of the signature.
    public let algorithm: Algorithm
    /// The `kid` of the header.
    public let keyID: String?
    /// `exp` in seconds since 1970, possibly with a fraction.
    public let expiresAt: Double?
    /// `nbf` in seconds since 1970, possibly with a fraction.
    public let notBefore: Double?
    /// `iat` in seconds since 1970, possibly with a fraction.
    public let issuedAt: Double?

    private let subjectRange: ClaimRange
    private let tokenIDRange: ClaimRange

    init(payload: [UInt8], header: KnownHeader, algorithm: Algorithm, claims: RegisteredClaims) {
        self.payload = payload
        self.algorithm = algorithm
        keyID = header.keyID
        expiresAt = claims.expiresAt
        notBefore = claims.notBefore
        issuedAt = claims.issuedAt
        subjectRange = claims.subject
        tokenIDRange = claims.tokenID
    }

    /// `sub` if it is a string, for revocation by subject.
    public var subject: String? { subjectRange.string(in: unsafe payload.span.bytes) }

    /// `jti` if it is a string, for revocation by token.
    public var tokenID: String? { tokenIDRange.string(in: unsafe payload.span.bytes) }

    /// Whether the token is good at another time than it was verified at, by the same rules (contract §8, rows 9 and 10).
    ///
    /// - Parameters:
    ///   - policy: the clock tolerance and the greatest age allowed.
    ///   - now: the time in whole seconds since 1970.
    public func isCurrent(_ policy: VerificationPolicy, now: Int64) -> Bool {
        let times = TokenTimes(expiresAt: expiresAt, notBefore: notBefore, issuedAt: issuedAt)
        do throws(TokenError) {
            try times.check(policy, now: now)
            return true
        } catch {
            return false
        }
    }

    /// Decodes the claims.
    public func claims() throws(JSONError) -> JSONValue { try JSONValue(parsing: payload) }
}
