import Testing

@testable import JSONWebToken

@Suite struct VerificationPolicyTests {
    @Test func defaults() {
        let policy = VerificationPolicy()
        #expect(policy.algorithms == nil)
        #expect(policy.clockToleranceSeconds == 0)
        #expect(policy.maximumTokenLength == 8192)
        #expect(policy.maximumKeyIDLength == 256)
        #expect(policy.minimumKeyStrength == .any)
    }

    @Test func algorithmsRoundTrip() {
        var policy = VerificationPolicy()
        for set in [Set(Algorithm.allCases), [], [.EdDSA], [.HS256, .PS512]] {
            policy.algorithms = set
            #expect(policy.algorithms == set)
        }
        policy.algorithms = nil
        #expect(policy.algorithms == nil)
    }

    private static func policy(_ change: (inout VerificationPolicy) -> Void) -> VerificationPolicy {
        var policy = VerificationPolicy()
        change(&policy)
        return policy
    }

    @Test(arguments: [
        (#"{"aud":"a"}"#, true), (#"{"aud":["x","b"]}"#, true), (#"{"aud":["\u0061"]}"#, true),
        (#"{"aud":"A"}"#, false),
        (#"{"aud":["x"]}"#, false), (#"{"aud":[]}"#, false), ("{}", false), (#"{"aud":{"a":"a"}}"#, false),
        (#"{"aud":null}"#, false), (#"{"aud":[1,"a"]}"#, true),
    ])
    func audience(_ payload: String, _ isAccepted: Bool) {
        let failure = TestTokens.failure(TestTokens.make(payload), policy: Self.policy { $0.audiences = ["a", "b"] })
        #expect(failure == (isAccepted ? nil : .audienceMismatch(expected: ["a", "b"])))
        if let failure { #expect(failure.message == "jwt audience invalid. expected: a or b") }
    }

    @Test(arguments: [
        (#"{"iss":"me"}"#, true), (#"{"iss":"m\u0065"}"#, true), (#"{"iss":["me"]}"#, false), ("{}", false),
    ])
    func issuer(_ payload: String, _ isAccepted: Bool) {
        let failure = TestTokens.failure(TestTokens.make(payload), policy: Self.policy { $0.issuers = ["me"] })
        #expect(failure == (isAccepted ? nil : .issuerMismatch(expected: ["me"])))
        if let failure { #expect(failure.message == "jwt issuer invalid. expected: me") }
    }

    @Test(arguments: [(#"{"sub":"bob"}"#, true), (#"{"sub":"bo"}"#, false), (#"{"sub":7}"#, false), ("{}", false)])
    func subject(_ payload: String, _ isAccepted: Bool) {
        let failure = TestTokens.failure(TestTokens.make(payload), policy: Self.policy { $0.subject = "bob" })
        #expect(failure == (isAccepted ? nil : .subjectMismatch(expected: "bob")))
    }

    @Test(arguments: [
        (#"{"alg":"HS256","typ":"at+jwt"}"#, true), (#"{"alg":"HS256","typ":"application/AT+JWT"}"#, true),
        (#"{"alg":"HS256","typ":"JWT"}"#, false), (#"{"alg":"HS256"}"#, false),
    ])
    func type(_ header: String, _ isAccepted: Bool) {
        let failure = TestTokens.failure(
            TestTokens.make("{}", header: header),
            policy: Self.policy { $0.type = "at+jwt" }
        )
        #expect(failure == (isAccepted ? nil : .typeMismatch(expected: "at+jwt")))
    }

    @Test func maximumAge() {
        let policy = Self.policy { $0.maximumAgeSeconds = 100 }
        #expect(TestTokens.failure(TestTokens.make("{}"), policy: policy) == .issuedAtRequired)
        #expect(TestTokens.failure(TestTokens.make(#"{"iat":1700000001}"#), policy: policy) == nil)
        let old = TestTokens.failure(TestTokens.make(#"{"iat":1700000000}"#), policy: policy)
        #expect(old == .maximumAgeExceeded(expiredAt: 1_700_000_100))
        #expect(old?.name == "TokenExpiredError")
        #expect(old?.message == "maxAge exceeded")
    }

    @Test func exposesSubjectAndTokenID() throws {
        let token = TestTokens.make(#"{"sub":"b\u006fb","jti":"7","iss":"x"}"#)
        let verified = try TokenVerifier().verify(token, keys: TestTokens.keys, now: 0)
        #expect(verified.subject == "bob")
        #expect(verified.tokenID == "7")
        let other = try TokenVerifier().verify(TestTokens.make(#"{"sub":7}"#), keys: TestTokens.keys, now: 0)
        #expect(other.subject == nil)
        #expect(other.tokenID == nil)
    }
}
