import StrictJSON
import Testing

@testable import Asyngular

@Suite struct RevocationIndexTests {
    /// Expectations cannot change a value.
    private final class Box {
        private var index: RevocationIndex

        init(limit: Int) { index = RevocationIndex(limit: limit) }

        var count: Int { index.count }
        var isEmpty: Bool { index.isEmpty }
        func insert(_ revocation: AGRevocation, now: Double) -> Bool { index.insert(revocation, now: now) }
        func contains(_ token: AGAuthToken) -> Bool { index.contains(token) }
    }

    private static func token(_ claims: JSONObject) -> AGAuthToken { AGAuthToken(claims: claims) }

    struct Row: Sendable {
        let revocation: AGRevocation
        let claims: JSONObject
        let isRevoked: Bool
    }

    static let rows: [Row] = [
        Row(revocation: .tokenID("a"), claims: ["jti": "a", "iat": 5], isRevoked: true),
        Row(revocation: .tokenID("a"), claims: ["jti": "b"], isRevoked: false),
        Row(revocation: .tokenID("a"), claims: ["sub": "a"], isRevoked: false),
        Row(revocation: .tokenID("1"), claims: ["jti": 1], isRevoked: false),
        Row(revocation: .tokenID(""), claims: [:], isRevoked: false),
        Row(revocation: .subject("bob", issuedBefore: 10), claims: ["sub": "bob", "iat": 9], isRevoked: true),
        Row(revocation: .subject("bob", issuedBefore: 10), claims: ["sub": "bob", "iat": 10], isRevoked: false),
        Row(revocation: .subject("bob", issuedBefore: 10), claims: ["sub": "bob"], isRevoked: true),
        Row(revocation: .subject("bob", issuedBefore: 10), claims: ["sub": "eve", "iat": 9], isRevoked: false),
        Row(revocation: .allTokens(ofSubject: "bob"), claims: ["sub": "bob", "iat": 1e12], isRevoked: true),
        Row(revocation: .allTokens(ofSubject: "bob"), claims: ["username": "bob"], isRevoked: false),
        Row(revocation: .issuedBefore(10), claims: ["iat": 9.5], isRevoked: true),
        Row(revocation: .issuedBefore(10), claims: ["iat": 10], isRevoked: false),
        Row(revocation: .issuedBefore(10), claims: ["username": "bob"], isRevoked: true),
    ]

    @Test(arguments: rows)
    func one(_ row: Row) {
        let index = Box(limit: 10)
        let token = Self.token(row.claims)
        #expect(index.isEmpty)
        #expect(!index.contains(token))
        #expect(index.insert(row.revocation, now: 0))
        #expect(!index.isEmpty)
        #expect(index.contains(token) == row.isRevoked)
        #expect(row.revocation.concerns(token) == row.isRevoked)
    }

    /// Adding never makes an earlier revocation weaker.
    @Test func theStrongerStays() {
        let index = Box(limit: 10)
        for time in [10.0, 5] {
            #expect(index.insert(.subject("bob", issuedBefore: time), now: 0))
            #expect(index.insert(.issuedBefore(time - 4), now: 0))
        }
        #expect(index.contains(Self.token(["sub": "bob", "iat": 9])))
        #expect(index.contains(Self.token(["iat": 5])))
        #expect(!index.contains(Self.token(["iat": 6])))
        #expect(index.insert(.allTokens(ofSubject: "bob"), now: 0))
        #expect(index.insert(.subject("bob", issuedBefore: 1), now: 0))
        #expect(index.contains(Self.token(["sub": "bob", "iat": 1e9])))
        #expect(index.count == 1)
    }

    /// Full, it makes room by what has expired and by nothing else.
    @Test func isBounded() {
        let index = Box(limit: 2)
        #expect(index.insert(.tokenID("a", until: 100), now: 0))
        #expect(index.insert(.subject("bob", issuedBefore: 50), now: 0))
        #expect(!index.insert(.tokenID("b"), now: 99))
        #expect(!index.contains(Self.token(["jti": "b"])))
        // What is there already needs no room.
        #expect(index.insert(.tokenID("a", until: 90), now: 99))
        #expect(index.insert(.tokenID("b"), now: 100))
        #expect(index.count == 2)
        #expect(!index.contains(Self.token(["jti": "a"])))
        #expect(!index.insert(.allTokens(ofSubject: "eve"), now: 1e12))
        #expect(index.contains(Self.token(["sub": "bob", "iat": 49])))
    }
}
