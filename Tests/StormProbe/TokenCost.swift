import CAllocationCounter
import COpenSSL
import EventLoop
import JSONWebToken
import StrictJSON

/// What a token costs: verified, found in the cache, and one kept HMAC context over the same bytes for comparison.
///
/// The best of several runs, for what else the machine does only adds; and allocations, counted.
enum TokenCost {
    private static let rounds = 200_000

    static func measure() throws {
        let key = SigningKey.hmac(secret: Array("0123456789abcdef0123456789abcdef".utf8))
        let keys = KeySet([key.verificationKey])
        let now: Int64 = 1_800_000_000
        var options = SigningOptions()
        options.algorithm = .HS256
        let token = Array(
            try TokenSigner().sign(
                [
                    "sub": "0123456789abcdef", "username": "somebody@example.com", "jti": "0123456789abcdef01234567",
                    "iat": 1_799_999_000, "exp": 1_900_000_000, "role": "member",
                ],
                key: key,
                options: options,
                now: now
            ).utf8
        )
        let verifier = TokenVerifier()
        let cache = VerifiedTokenCache(policy: VerificationPolicy(), maximumTokens: 10_000)
        _ = unsafe cache.token(token.span.bytes, keys: keys, now: now)
        let verified = try verifier.verify(token, keys: keys, now: now)
        cache.insert(verified, for: token, generation: keys.generation, epoch: cache.epoch)
        print("token of \(token.count) bytes")
        report("verify HS256") { _ = try? verifier.verify(token, keys: keys, now: now) }
        report("cache hit") { _ = unsafe cache.token(token.span.bytes, keys: keys, now: now) }
        hmac(Array(token[..<token.lastIndex(of: 0x2E)!]))
    }

    private static func hmac(_ input: [UInt8]) {
        let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil)
        let context = unsafe EVP_MAC_CTX_new(algorithm)
        var digest = Array("SHA256".utf8CString)
        let key = Array("0123456789abcdef0123456789abcdef".utf8)
        unsafe digest.withUnsafeMutableBufferPointer { name in
            var parameters = unsafe [
                OSSL_PARAM_construct_utf8_string("digest", name.baseAddress, 0), OSSL_PARAM_construct_end(),
            ]
            unsafe EVP_MAC_init(context, key, key.count, &parameters)
        }
        var output = [UInt8](repeating: 0, count: 32)
        report("one kept HMAC") {
            var count = 0
            unsafe EVP_MAC_init(context, nil, 0, nil)
            unsafe EVP_MAC_update(context, input, input.count)
            unsafe EVP_MAC_final(context, &output, &count, 32)
        }
        unsafe EVP_MAC_CTX_free(context)
        unsafe EVP_MAC_free(algorithm)
    }

    private static func report(_ name: String, _ body: () -> Void) {
        for _ in 0..<1000 { body() }
        var best = UInt64.max
        let before = allocation_counter_this_thread()
        for _ in 0..<7 {
            let start = EventLoop.monotonicNanoseconds()
            for _ in 0..<rounds { body() }
            best = min(best, EventLoop.monotonicNanoseconds() - start)
        }
        let allocations = Double(allocation_counter_this_thread() - before) / Double(7 * rounds)
        print("\(name): \(best / UInt64(rounds)) ns, \(allocations.rounded()) allocations")
    }
}
