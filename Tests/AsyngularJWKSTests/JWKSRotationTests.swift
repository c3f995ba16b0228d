import JSONWebToken
import StrictJSON
import Testing

@testable import Asyngular
@testable import AsyngularJWKS

/// A server whose keys come by HTTP.
@Suite(.timeLimit(.minutes(1))) struct JWKSRotationTests {
    private static let old = try! SigningKey.generate(.ES256, kid: "old")
    private static let new = try! SigningKey.generate(.EdDSA, kid: "new")

    private static func set(_ keys: SigningKey...) -> String {
        let members = keys.map { JSONValue.object($0.verificationKey.jwk!) }
        return String(decoding: JSONValue.object(["keys": .array(members)]).serialized(), as: UTF8.self)
    }

    private static func token(_ key: SigningKey) throws -> String {
        let options = SigningOptions(algorithm: key.algorithms.first, expiresIn: nil)
        return try TokenSigner().sign(["username": "bob"], key: key, options: options, now: 1)
    }

    @Test func byAToken() async throws {
        let issuer = LocalServer { _ in .text("200 OK", Self.set(Self.old), "ETag: \"1\"") }
        let time = ManualClock()
        let fetcher = URLSessionJWKSFetcher(timeout: .seconds(20))
        var options = AGServerOptions()
        options.authKeySource = try JWKSKeySource(issuer.url, fetcher: fetcher, clock: time.clock)
        let server = try AGServer(options: options)
        #expect(server.verificationKey.isPending)
        try await server.listen(port: 0)
        let (oldToken, newToken) = (try Self.token(Self.old), try Self.token(Self.new))
        func outcome(_ token: String) throws(TokenError) {
            _ = try server.auth.verifyToken(token, server.verificationKey)
        }
        try outcome(oldToken)
        #expect(throws: TokenError.unknownKeyID) { try outcome(newToken) }

        // Nothing new yet, and it is asked once.
        issuer.answer { head in
            head.contains("If-None-Match: \"1\"\r\n") ? .text("304 Not Modified") : .text("500 Oops")
        }
        time.advance(30)
        for _ in 0..<20 { #expect(await server.keys.refresh(forUnknownKeyOf: Array(newToken.utf8)) == .unchanged) }
        #expect(issuer.requests.count == 2)

        // The issuer fails: nobody knows, and the old key goes on.
        for answer in [LocalServer.Answer.text("500 Oops"), .text("200 OK", "<html>"), .text("200 OK", "{}")] {
            issuer.answer { _ in answer }
            time.advance(30)
            #expect(await server.keys.refresh(forUnknownKeyOf: Array(newToken.utf8)) == .unavailable)
            try outcome(oldToken)
        }
        #expect(issuer.requests.count == 5)

        // The issuer has a new key.
        issuer.answer { _ in .text("200 OK", Self.set(Self.old, Self.new)) }
        time.advance(30)
        #expect(await server.keys.refresh(forUnknownKeyOf: Array(newToken.utf8)) == .refreshed)
        try outcome(newToken)
        try outcome(oldToken)

        // And retires the old one.
        issuer.answer { _ in .text("200 OK", Self.set(Self.new)) }
        time.advance(30)
        #expect(await server.keys.refresh(forUnknownKeyID: "another") == .unchanged)
        #expect(throws: TokenError.unknownKeyID) { try outcome(oldToken) }
        try outcome(newToken)
        for _ in 0..<20 { #expect(await server.keys.refresh(forUnknownKeyOf: Array(oldToken.utf8)) == .unchanged) }
        #expect(issuer.requests.count == 7)
        await server.close(within: .seconds(1))
    }
}
