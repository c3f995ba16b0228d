/// The claims of a token that say when it is good, in seconds since 1970 (RFC 7519 §4.1.4 to §4.1.6).
///
/// `nil` when absent; not finite when present but no finite number.
struct TokenTimes {
    let expiresAt: Double?
    let notBefore: Double?
    let issuedAt: Double?

    /// Checks the times, in the order of contract §8.
    func check(_ policy: VerificationPolicy, now: Int64) throws(TokenError) {
        let now = Double(now)
        let tolerance = Double(policy.clockToleranceSeconds)
        if let notBefore {
            guard notBefore.isFinite else { throw .invalidNotBefore }
            guard notBefore <= now + tolerance else { throw .notActive(date: notBefore) }
        }
        if let expiresAt {
            guard expiresAt.isFinite else { throw .invalidExpiry }
            guard now < expiresAt + tolerance else { throw .expired(expiredAt: expiresAt) }
        }
        if let issuedAt, !issuedAt.isFinite { throw .invalidIssuedAt }
        if let maximumAge = policy.maximumAgeSeconds {
            guard let issuedAt else { throw .issuedAtRequired }
            let end = issuedAt + Double(maximumAge)
            guard now < end + tolerance else { throw .maximumAgeExceeded(expiredAt: end) }
        }
    }
}
