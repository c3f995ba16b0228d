#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Remembers tokens that were found valid, so that one that comes again costs a lookup instead of a signature.
///
/// An entry is found under a hash keyed at random and compared with the token's whole bytes. It holds for the generation of the key set
/// it was verified with and for the policy of the cache; the times (`exp`, `nbf`, the greatest age, the tolerance) are
/// judged anew at every hit, so nothing outlives its expiry. Only valid tokens are stored: refused ones cannot push good
/// ones out. Entries are evicted in two segments (segmented LRU): a token that never came again goes before those that
/// did, so that a flood of tokens used once leaves the others in place.
///
/// A cache is bounded in tokens and in bytes. It is **not** thread-safe: make one per thread. It prints its counts only.
public final class VerifiedTokenCache {
    /// What the cache did so far.
    public struct Statistics: Sendable, Equatable {
        /// Lookups that found a token.
        public var hits = 0
        /// Lookups that found none that is good now.
        public var misses = 0
        /// Tokens stored.
        public var insertions = 0
        /// Tokens dropped for want of room.
        public var evictions = 0

        /// All zero.
        public init() {}
    }

    struct Entry {
        let token: [UInt8]
        let verified: VerifiedToken
        let cost: Int
    }

    /// What an entry takes beside the token and its claims: two arrays' heads, the entry and its node.
    static let overhead = 2 * 48 + MemoryLayout<Entry?>.stride + MemoryLayout<CacheIndex.Node>.stride + 4

    /// How much of a token's end is hashed: an HS256 signature takes 43 bytes, an ES256 one 86.
    private static let hashedBytes = 64

    /// The most tokens kept.
    public let maximumTokens: Int
    /// The most memory used for tokens, in bytes.
    public let maximumBytes: Int
    /// What the tokens were verified against.
    public let policy: VerificationPolicy
    /// Changes whenever the cache is emptied: the result of a verification that began before does not come in after it.
    public private(set) var epoch: UInt64 = 0
    /// What the cache did so far.
    public private(set) var statistics = Statistics()
    /// The memory used for tokens, in bytes.
    public private(set) var bytes = 0

    @safe @exclusivity(unchecked) private var index: CacheIndex
    @safe @exclusivity(unchecked) private var entries: [Entry?] = []
    private var generation: UInt64?
    private let seed = UInt64.random(in: .min ... .max)

    /// An empty cache.
    ///
    /// - Parameters:
    ///   - policy: what the tokens stored were verified against.
    ///   - maximumTokens: the most tokens kept; 0 keeps none.
    ///   - maximumBytes: the most memory used for tokens; 1 KiB for each by default, about what RS256 needs (HS256 and
    ///     ES256: 600 to 700 bytes).
    public init(policy: VerificationPolicy, maximumTokens: Int, maximumBytes: Int? = nil) {
        self.policy = policy
        self.maximumTokens = min(max(0, maximumTokens), 1 << 28)
        self.maximumBytes = maximumBytes ?? self.maximumTokens * 1024
        index = CacheIndex(capacity: self.maximumTokens)
    }

    /// The tokens kept.
    public var count: Int { index.count }

    /// Looks a token up.
    ///
    /// A key set of another generation than the last one empties the cache.
    ///
    /// - Parameters:
    ///   - token: the token's bytes.
    ///   - keys: the keys in force.
    ///   - now: the time in whole seconds since 1970.
    /// - Returns: what verifying the token would give; nil if it has to be verified.
    public func token(_ token: RawSpan, keys: KeySet, now: Int64) -> VerifiedToken? {
        guard use(keys.generation), index.count > 0 else {
            statistics.misses &+= 1
            return nil
        }
        let hash = hash(token)
        var slot = index.first(hash)
        while slot != CacheIndex.none {
            if index.hash(of: slot) == hash, isToken(token, at: slot) {
                if let entry = entries[slot], entry.verified.isCurrent(policy, now: now) {
                    statistics.hits &+= 1
                    index.used(slot)
                    return entry.verified
                }
                remove(slot)
                break
            }
            slot = index.following(slot)
        }
        statistics.misses &+= 1
        return nil
    }

    /// Stores a token that has been verified against the cache's policy.
    ///
    /// - Parameters:
    ///   - verified: what verifying it gave.
    ///   - token: the token's bytes.
    ///   - generation: that of the key set it was verified with; nothing is stored unless it is the one last looked up with.
    ///   - epoch: the cache's ``epoch`` when the verification began; nothing is stored if it has changed.
    public func insert(_ verified: VerifiedToken, for token: [UInt8], generation: UInt64, epoch: UInt64) {
        guard maximumTokens > 0, generation == self.generation, epoch == self.epoch else { return }
        let cost = token.count + verified.payload.count + (verified.keyID?.utf8.count ?? 0) + Self.overhead
        guard cost <= maximumBytes else { return }
        let hash = unsafe hash(token.span.bytes)
        var slot = index.first(hash)
        while slot != CacheIndex.none {
            if index.hash(of: slot) == hash, unsafe isToken(token.span.bytes, at: slot) { return }
            slot = index.following(slot)
        }
        while index.count >= maximumTokens || bytes + cost > maximumBytes {
            statistics.evictions &+= 1
            remove(index.oldest)
        }
        slot = index.insert(hash)
        if slot == entries.count { entries.append(nil) }
        entries[slot] = Entry(token: token, verified: verified, cost: cost)
        bytes += cost
        statistics.insertions &+= 1
    }

    /// Forgets all tokens: a key was withdrawn or a token revoked.
    public func removeAll() {
        epoch &+= 1
        entries = []
        index = CacheIndex(capacity: maximumTokens)
        bytes = 0
    }

    /// Takes the key set's generation for the present one.
    ///
    /// - Returns: false if it was another; the cache is empty then.
    private func use(_ generation: UInt64) -> Bool {
        if generation == self.generation { return true }
        if self.generation != nil { removeAll() }
        self.generation = generation
        return false
    }

    private func remove(_ slot: Int) {
        bytes -= entries[slot]?.cost ?? 0
        entries[slot] = nil
        index.remove(slot)
    }

    private func isToken(_ token: RawSpan, at slot: Int) -> Bool {
        guard let entry = entries[slot], entry.token.count == token.byteCount else { return false }
        return unsafe token.withUnsafeBytes { token in
            unsafe entry.token.withUnsafeBytes { unsafe memcmp($0.baseAddress!, token.baseAddress!, token.count) == 0 }
        }
    }

    /// SipHash, with the process's random key and a seed of this cache besides, of the length and the last bytes: the
    /// signature, which nobody but the owner of the key can choose. Tokens that differ only before it are told apart by
    /// comparison.
    private func hash(_ token: RawSpan) -> UInt64 {
        let count = token.byteCount
        var hasher = Hasher()
        hasher.combine(seed ^ UInt64(truncatingIfNeeded: count))
        unsafe token.extracting(max(0, count - Self.hashedBytes)..<count).withUnsafeBytes { bytes in
            unsafe hasher.combine(bytes: bytes)
        }
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }
}

extension VerifiedTokenCache: CustomStringConvertible, CustomReflectable {
    /// How many tokens there are; no token.
    public var description: String { "VerifiedTokenCache(\(count) tokens, \(bytes) bytes)" }

    /// The counts; no token.
    public var customMirror: Mirror { Mirror(self, children: ["count": count, "bytes": bytes]) }
}
