import Testing

@testable import JSONWebToken

/// What is remembered, for how long, and what goes first.
@Suite struct VerifiedTokenCacheTests {
    private let verifier = TokenVerifier()

    /// Verifies a token and stores it.
    @discardableResult
    private func store(
        _ token: [UInt8],
        in cache: VerifiedTokenCache,
        keys: KeySet = TestTokens.keys,
        now: Int64 = TestTokens.now
    ) throws -> VerifiedToken {
        #expect(unsafe cache.token(token.span.bytes, keys: keys, now: now) == nil)
        let epoch = cache.epoch
        let verified = try verifier.verify(token, keys: keys, policy: cache.policy, now: now)
        cache.insert(verified, for: token, generation: keys.generation, epoch: epoch)
        return verified
    }

    private func look(
        _ token: [UInt8],
        _ cache: VerifiedTokenCache,
        keys: KeySet = TestTokens.keys,
        now: Int64 = TestTokens.now
    ) -> VerifiedToken? {
        unsafe cache.token(token.span.bytes, keys: keys, now: now)
    }

    private func token(_ index: Int) -> [UInt8] { TestTokens.make(#"{"sub":"\#(index)"}"#) }

    private func cache(_ count: Int = 10, bytes: Int? = nil) -> VerifiedTokenCache {
        VerifiedTokenCache(policy: VerificationPolicy(), maximumTokens: count, maximumBytes: bytes)
    }

    @Test func remembers() throws {
        let cache = cache()
        let token = Array(TestTokens.hs256.utf8)
        let verified = try store(token, in: cache)
        #expect(look(token, cache) == verified)
        #expect(cache.statistics.hits == 1)
        #expect(cache.statistics.misses == 1)
        #expect(cache.count == 1)
        // A part of it, or one byte more, is another token.
        #expect(look(Array(token.dropLast()), cache) == nil)
        #expect(look(token + [0x41], cache) == nil)
        #expect(look([], cache) == nil)
        for index in token.indices {
            var other = token
            other[index] ^= 1
            #expect(look(other, cache) == nil)
        }
    }

    /// A token stored twice takes one place.
    @Test func storedTwice() throws {
        let cache = cache()
        let verified = try store(token(1), in: cache)
        cache.insert(verified, for: token(1), generation: TestTokens.keys.generation, epoch: cache.epoch)
        #expect(cache.count == 1)
        #expect(cache.statistics.insertions == 1)
    }

    // MARK: Time

    /// The same second decides as in verification, with the tolerance; what has expired is forgotten.
    @Test(arguments: [0, 30])
    func neverOutlivesItsExpiry(_ tolerance: Int) throws {
        var policy = VerificationPolicy()
        policy.clockToleranceSeconds = tolerance
        let cache = VerifiedTokenCache(policy: policy, maximumTokens: 10)
        let token = TestTokens.make(#"{"exp":1700000200.5}"#)
        let end = Int64(1_700_000_200 + tolerance)
        try store(token, in: cache)
        #expect(look(token, cache, now: end) != nil)
        #expect(look(token, cache, now: end + 1) == nil)
        #expect(throws: TokenError.expired(expiredAt: 1_700_000_200.5)) {
            try verifier.verify(token, keys: TestTokens.keys, policy: policy, now: end + 1)
        }
        #expect(cache.count == 0)
    }

    /// A clock that is set back makes a token inactive again.
    @Test func notBefore() throws {
        let cache = cache()
        let token = TestTokens.make(#"{"nbf":1700000050}"#)
        try store(token, in: cache)
        #expect(look(token, cache, now: 1_700_000_050) != nil)
        #expect(look(token, cache, now: 1_700_000_049) == nil)
    }

    @Test func maximumAge() throws {
        var policy = VerificationPolicy()
        policy.maximumAgeSeconds = 100
        let cache = VerifiedTokenCache(policy: policy, maximumTokens: 10)
        let token = TestTokens.make(#"{"iat":1700000050}"#)
        try store(token, in: cache)
        #expect(look(token, cache, now: 1_700_000_149) != nil)
        #expect(look(token, cache, now: 1_700_000_150) == nil)
    }

    // MARK: Rotation and revocation

    @Test func rotationEmptiesIt() throws {
        let cache = cache()
        try store(token(1), in: cache)
        // The same key in another set is another generation.
        let rotated = KeySet([TestTokens.key.verificationKey])
        #expect(look(token(1), cache, keys: rotated) == nil)
        #expect(cache.count == 0)
        #expect(cache.bytes == 0)
        #expect(look(token(1), cache) == nil)
    }

    /// What was verified with withdrawn keys does not come in, whichever was noticed first.
    @Test func lateResultOfWithdrawnKeys() throws {
        let cache = cache()
        let old = TestTokens.keys
        let new = KeySet([TestTokens.key.verificationKey])
        let verified = try verifier.verify(token(1), keys: old, now: TestTokens.now)
        #expect(look(token(1), cache, keys: old) == nil)
        let epoch = cache.epoch
        // Verified with keys that the cache has not seen yet.
        cache.insert(verified, for: token(1), generation: new.generation, epoch: epoch)
        #expect(cache.count == 0)
        // Verified with keys that were replaced meanwhile, even if they are back.
        #expect(look(token(1), cache, keys: new) == nil)
        cache.insert(verified, for: token(1), generation: old.generation, epoch: epoch)
        #expect(cache.count == 0)
        #expect(look(token(1), cache, keys: old) == nil)
        cache.insert(verified, for: token(1), generation: old.generation, epoch: epoch)
        #expect(cache.count == 0)
    }

    @Test func removeAll() throws {
        let cache = cache()
        let verified = try store(token(1), in: cache)
        let epoch = cache.epoch
        cache.removeAll()
        #expect(cache.count == 0)
        #expect(cache.bytes == 0)
        #expect(look(token(1), cache) == nil)
        // The verification began before the tokens were revoked.
        cache.insert(verified, for: token(1), generation: TestTokens.keys.generation, epoch: epoch)
        #expect(look(token(1), cache) == nil)
        try store(token(1), in: cache)
        #expect(look(token(1), cache) == verified)
    }

    // MARK: Bounds

    @Test func boundedInTokens() throws {
        let cache = cache(4)
        for index in 0..<10 { try store(token(index), in: cache) }
        #expect(cache.count == 4)
        #expect(cache.statistics.evictions == 6)
        for index in 0..<10 { #expect((look(token(index), cache) != nil) == (index >= 6)) }
    }

    @Test func boundedInBytes() throws {
        let small = TestTokens.make(#"{"a":1}"#)
        let room = 3 * (small.count + 7 + VerifiedTokenCache.overhead)
        let cache = cache(100, bytes: room)
        for index in 0..<9 { try store(TestTokens.make(#"{"a":\#(index)}"#), in: cache) }
        #expect(cache.count == 3)
        #expect(cache.bytes == room)
        // One that takes more than all the room leaves the others alone.
        try store(TestTokens.make(#"{"a":"\#(String(repeating: "x", count: room))"}"#), in: cache)
        #expect(cache.count == 3)
        // One that takes the room of two drops two.
        try store(TestTokens.make(#"{"a":"\#(String(repeating: "x", count: 60))"}"#), in: cache)
        #expect(cache.count == 2)
        #expect(cache.bytes <= room)
    }

    @Test func noneAtAll() throws {
        let cache = cache(0)
        try store(token(1), in: cache)
        #expect(look(token(1), cache) == nil)
        #expect(cache.count == 0)
    }

    /// A flood of tokens that come once leaves those that came again in place.
    @Test func resistsAFlood() throws {
        let cache = cache(50)
        for index in 0..<40 {
            try store(token(index), in: cache)
            #expect(look(token(index), cache) != nil)
        }
        for index in 100..<1100 { try store(token(index), in: cache) }
        for index in 0..<40 { #expect(look(token(index), cache) != nil) }
    }

    /// Neither as text nor as numbers.
    @Test func printsNoToken() throws {
        let cache = cache()
        try store(Array(TestTokens.hs256.utf8), in: cache)
        var dumped = ""
        dump(cache, to: &dumped)
        for text in [dumped, String(describing: cache), String(reflecting: cache)] {
            #expect(text.contains("1"))
            #expect(!text.contains("bob"))
            #expect(!text.contains("eyJ"))
            #expect(!text.contains("- 101"))
        }
    }
}
