/// The revocations in force, so that a token is looked up in constant time.
///
/// A value without a clock. Bounded: forgetting a revocation would let a token in, so a full index takes no more.
struct RevocationIndex: Sendable {
    private struct SubjectEntry {
        /// Infinity for every token, whenever issued.
        var issuedBefore: Double
        var expiresAt: Double
    }

    private var tokens: [String: Double] = [:]
    private var subjects: [String: SubjectEntry] = [:]
    private var issuedBefore = -Double.infinity
    private let limit: Int

    /// - Parameter limit: the most entries.
    init(limit: Int) {
        self.limit = limit
    }

    /// Token ids and subjects kept.
    var count: Int { tokens.count + subjects.count }

    /// Whether no token can be concerned.
    var isEmpty: Bool { count == 0 && issuedBefore == -.infinity }

    /// Adds one.
    ///
    /// - Parameter now: seconds since 1970; what has expired by then makes room.
    /// - Returns: false if there is no room.
    mutating func insert(_ revocation: AGRevocation, now: Double) -> Bool {
        let expiresAt = revocation.expiresAt ?? .infinity
        switch revocation.target {
        case .issuedBefore(let time):
            issuedBefore = max(issuedBefore, time)
        case .tokenID(let id):
            guard tokens[id] != nil || makeRoom(now) else { return false }
            tokens[id] = max(tokens[id] ?? -.infinity, expiresAt)
        case .subject(let subject, let time):
            guard subjects[subject] != nil || makeRoom(now) else { return false }
            var entry = subjects[subject] ?? SubjectEntry(issuedBefore: -.infinity, expiresAt: -.infinity)
            entry.issuedBefore = max(entry.issuedBefore, time ?? .infinity)
            entry.expiresAt = max(entry.expiresAt, expiresAt)
            subjects[subject] = entry
        }
        return true
    }

    private mutating func makeRoom(_ now: Double) -> Bool {
        guard count >= limit else { return true }
        tokens = tokens.filter { $0.value > now }
        subjects = subjects.filter { $0.value.expiresAt > now }
        return count < limit
    }

    /// Whether a token is revoked.
    func contains(_ token: AGAuthToken) -> Bool {
        let issuedAt = token.issuedAt ?? -.infinity
        if issuedBefore > -.infinity, !(issuedAt >= issuedBefore) { return true }
        if let id = token.tokenID, tokens[id] != nil { return true }
        guard let subject = token.subject, let entry = subjects[subject] else { return false }
        return entry.issuedBefore == .infinity || !(issuedAt >= entry.issuedBefore)
    }
}
