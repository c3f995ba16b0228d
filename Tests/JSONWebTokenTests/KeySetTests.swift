import StrictJSON
import Testing

@testable import JSONWebToken

@Suite struct KeySetTests {
    private static let one = Array("secret one".utf8)
    private static let two = Array("secret two".utf8)

    private func token(_ secret: [UInt8], kid: String?) -> [UInt8] {
        let parameter = kid.map { #","kid":"\#($0)""# } ?? ""
        return TestTokens.make("{}", header: #"{"alg":"HS256","typ":"JWT"\#(parameter)}"#, secret: secret)
    }

    @Test func generationsDiffer() {
        let key = VerificationKey.hmac(secret: Self.one)
        let sets = (0..<5).map { _ in KeySet([key]) }
        #expect(Set(sets.map(\.generation)).count == 5)
        let copy = sets[0]
        #expect(copy.generation == sets[0].generation)
    }

    @Test func aSingleKeyWithoutIdentifierTakesAnyToken() {
        let keys = KeySet([.hmac(secret: Self.one)])
        #expect(TestTokens.failure(token(Self.one, kid: nil), keys: keys) == nil)
        #expect(TestTokens.failure(token(Self.one, kid: "whatever"), keys: keys) == nil)
        #expect(TestTokens.failure(token(Self.two, kid: nil), keys: keys) == .invalidSignature)
    }

    @Test func severalKeysWithoutIdentifiersAreTriedInTurn() {
        let keys = KeySet([.hmac(secret: Self.one), .hmac(secret: Self.two)])
        #expect(TestTokens.failure(token(Self.one, kid: nil), keys: keys) == nil)
        #expect(TestTokens.failure(token(Self.two, kid: "x"), keys: keys) == nil)
        #expect(TestTokens.failure(token([3], kid: nil), keys: keys) == .invalidSignature)
    }

    @Test func identifiersMatchExactly() {
        let keys = KeySet([.hmac(secret: Self.one, kid: "one"), .hmac(secret: Self.two, kid: "two")])
        #expect(TestTokens.failure(token(Self.one, kid: "one"), keys: keys) == nil)
        #expect(TestTokens.failure(token(Self.two, kid: "two"), keys: keys) == nil)
        #expect(TestTokens.failure(token(Self.one, kid: "two"), keys: keys) == .invalidSignature)
        for kid in ["", "One", "one ", "../one", "' OR 1=1"] {
            #expect(TestTokens.failure(token(Self.one, kid: kid), keys: keys) == .unknownKeyID)
        }
        #expect(TestTokens.failure(token(Self.one, kid: nil), keys: keys) == .unknownKeyID)
    }

    @Test func identifiersCompareByBytes() {
        // Canonically equivalent, hence equal as Swift strings.
        let keys = KeySet([.hmac(secret: Self.one, kid: "\u{E9}")])
        #expect(TestTokens.failure(token(Self.one, kid: "\u{E9}"), keys: keys) == nil)
        #expect(TestTokens.failure(token(Self.one, kid: "e\u{301}"), keys: keys) == .unknownKeyID)
    }

    @Test func aMixedSetFallsBackToNothing() {
        let keys = KeySet([.hmac(secret: Self.one), .hmac(secret: Self.two, kid: "two")])
        #expect(TestTokens.failure(token(Self.one, kid: nil), keys: keys) == nil)
        #expect(TestTokens.failure(token(Self.two, kid: "two"), keys: keys) == nil)
        #expect(TestTokens.failure(token(Self.two, kid: nil), keys: keys) == .invalidSignature)
        #expect(TestTokens.failure(token(Self.one, kid: "gone"), keys: keys) == .unknownKeyID)
    }

    @Test func keysOfOneIdentifierServeTheirOwnAlgorithms() {
        let keys = KeySet([
            .hmac(secret: Self.one, kid: "k", algorithms: [.HS384]),
            .hmac(secret: Self.two, kid: "k", algorithms: [.HS256]),
        ])
        #expect(TestTokens.failure(token(Self.two, kid: "k"), keys: keys) == nil)
        #expect(TestTokens.failure(token(Self.one, kid: "k"), keys: keys) == .invalidSignature)
    }

    @Test func aKeyServesItsOwnAlgorithmsOnly() {
        let keys = KeySet([.hmac(secret: TestTokens.secret, algorithms: [.HS384, .RS256])])
        #expect(TestTokens.failure(Array(TestTokens.hs256.utf8), keys: keys) == .invalidAlgorithm)
        #expect(TestTokens.failure(Array(TestTokens.hs384.utf8), keys: keys) == nil)
        #expect(keys.keys[0].algorithms == [.HS384])
    }

    @Test func limitsTheIdentifier() {
        let keys = KeySet([.hmac(secret: Self.one)])
        #expect(TestTokens.failure(token(Self.one, kid: String(repeating: "k", count: 256)), keys: keys) == nil)
        let long = token(Self.one, kid: String(repeating: "k", count: 257))
        #expect(TestTokens.failure(long, keys: keys) == .keyIDTooLong(limit: 256))
    }

    @Test func nothingVerifiesWithoutKeys() {
        for keys in [KeySet([]), KeySet([.hmac(secret: [])])] {
            let failure = TestTokens.failure(TestTokens.make("{}", secret: []), keys: keys)
            #expect(failure == .keyRequired)
            #expect(failure?.message == "secret or public key must be provided")
        }
        #expect(KeySet([]).isEmpty)
    }

    /// A key that was rotated out verifies nothing any more, even with a verifier that has used it.
    @Test func rotation() {
        let verifier = TokenVerifier()
        let old = VerificationKey.hmac(secret: Self.one, kid: "old")
        let new = VerificationKey.hmac(secret: Self.two, kid: "new")
        let before = token(Self.one, kid: "old")
        #expect(TestTokens.failure(before, keys: KeySet([old]), verifier: verifier) == nil)
        #expect(TestTokens.failure(before, keys: KeySet([old, new]), verifier: verifier) == nil)
        #expect(TestTokens.failure(before, keys: KeySet([new]), verifier: verifier) == .unknownKeyID)
        #expect(TestTokens.failure(token(Self.two, kid: "new"), keys: KeySet([new]), verifier: verifier) == nil)
    }
}

/// Keys that are not known yet.
@Suite struct PendingKeySetTests {
    @Test func saysNothingAboutAToken() throws {
        let key = SigningKey.hmac(secret: Array("secret".utf8))
        let token = Array(try TokenSigner().sign([:], key: key, now: 1).utf8)
        let keys = KeySet.pending
        #expect(keys.isPending && keys.isEmpty && !KeySet([]).isPending)
        let error = #expect(throws: TokenError.self) { try TokenVerifier().verify(token, keys: keys, now: 1) }
        #expect(error?.isUnavailable == true)
        #expect(throws: TokenError.malformed) { try TokenVerifier().verify(Array("a.b".utf8), keys: keys, now: 1) }
        #expect(throws: TokenError.keyRequired) { try TokenVerifier().verify(token, keys: KeySet([]), now: 1) }
    }

    @Test func contains() {
        let keys = KeySet([.hmac(secret: [1], kid: "a"), .hmac(secret: [2])])
        #expect(keys.contains(keyID: "a"))
        #expect(!keys.contains(keyID: "b") && !keys.contains(keyID: ""))
    }
}
