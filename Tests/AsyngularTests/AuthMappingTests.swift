import JSONWebToken
import SocketProtocol
import StrictJSON
import Testing

@testable import Asyngular
@testable import JSONWebToken

/// The small values of authentication: what a packet presents, what an error becomes, what a token says.
@Suite struct AuthMappingTests {
    // MARK: TokenError to AGError (contract §8)

    @Test(arguments: [
        (TokenError.notProvided, "AuthTokenInvalidError", true),
        (.tooLong(limit: 8192), "AuthTokenInvalidError", true),
        (.malformed, "AuthTokenInvalidError", true),
        (.invalidToken, "AuthTokenInvalidError", true),
        (.invalidSignature, "AuthTokenInvalidError", true),
        (.invalidAlgorithm, "AuthTokenInvalidError", true),
        (.keyMismatch(.HS256), "AuthTokenInvalidError", true),
        (.payloadNotObject, "AuthTokenInvalidError", true),
        (.audienceMismatch(expected: ["a"]), "AuthTokenInvalidError", true),
        (.payloadSyntax(offset: 3), "AuthTokenError", true),
        (.expired(expiredAt: 5), "AuthTokenExpiredError", true),
        (.maximumAgeExceeded(expiredAt: 5), "AuthTokenExpiredError", true),
        (.notActive(date: 5), "AuthTokenNotBeforeError", false),
        // Contract §20.7: this says nothing about the token, so the client keeps it.
        (.unavailable, "AuthTokenError", false),
    ])
    func mapping(_ error: TokenError, _ name: String, _ isBadToken: Bool) {
        let mapped = AGError(error)
        #expect(mapped.name == name)
        #expect(mapped.message == error.message)
        #expect(mapped.isBadToken == isBadToken)
    }

    /// Dates as JavaScript has them, also beyond what it has.
    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (1_767_225_600, "2026-01-01T00:00:00.000Z"),
        (0.0009, "1970-01-01T00:00:00.000Z"), (1.5, "1970-01-01T00:00:01.500Z"),
        (-1, "1969-12-31T23:59:59.000Z"), (1e300, "+275760-09-13T00:00:00.000Z"),
        (-1e300, "-271821-04-20T00:00:00.000Z"),
    ])
    func dates(_ seconds: Double, _ text: String) {
        #expect(AGError(.expired(expiredAt: seconds)).properties["expiry"]?.stringValue == text)
        #expect(AGError(.notActive(date: seconds)).properties["date"]?.stringValue == text)
    }

    // MARK: PresentedToken

    enum Presented: Equatable {
        case none
        case token(String)
        case notText(String)

        init(_ token: PresentedToken) {
            switch token {
            case .none: self = .none
            case .token(let bytes): self = .token(String(decoding: bytes, as: UTF8.self))
            case .notText(let json): self = .notText(json)
            }
        }
    }

    @Test(arguments: [
        (#"{"authToken":"a.b.c"}"#, Presented.token("a.b.c")),
        (#"{ "x" : {"authToken":"no"}, "authToken" : "a" , "y":1}"#, .token("a")),
        (#"{"authToken":"a","authToken":"b"}"#, .token("b")),
        (#"{"authToken":"a","authToken":null}"#, .none),
        (#"{"auth\u0054oken":"a\u002eb\\\n"}"#, .token("a.b\\\n")),
        (#"{"authToken":""}"#, .none),
        (#"{"authToken":null}"#, .none),
        (#"{"authtoken":"a"}"#, .none),
        (#"{}"#, .none), (#"[]"#, .none), (#"["authToken","a"]"#, .none), (#""a""#, .none), ("5", .none),
        ("null", .none),
        (#"{"authToken":5}"#, .notText("5")), (#"{"authToken":false}"#, .notText("false")),
        (#"{"authToken":["a"]}"#, .notText(#"["a"]"#)), (#"{"authToken":{"a": 1}}"#, .notText(#"{"a": 1}"#)),
    ])
    func presentedInAHandshake(_ data: String, _ expected: Presented) {
        let bytes = Array("xx\(data)yy".utf8)
        let token = PresentedToken(handshakeData: 2..<(bytes.count - 2), of: bytes.rawBytes)
        #expect(Presented(token) == expected)
    }

    @Test(arguments: [
        (#""a.b.c""#, Presented.token("a.b.c")), (#""""#, .token("")), (#""a\u002e\"""#, .token("a.\"")),
        ("null", .none), ("5", .notText("5")), ("[1]", .notText("[1]")), (#"{"a":1}"#, .notText(#"{"a":1}"#)),
    ])
    func presentedToAuthenticate(_ data: String, _ expected: Presented) {
        let bytes = Array("xx\(data)yy".utf8)
        let token = PresentedToken(authenticateData: 2..<(bytes.count - 2), of: bytes.rawBytes)
        #expect(Presented(token) == expected)
    }

    @Test func nothingPresented() {
        let none = [UInt8]().rawBytes
        #expect(Presented(PresentedToken(handshakeData: nil, of: none)) == .none)
        #expect(Presented(PresentedToken(authenticateData: nil, of: none)) == .none)
    }

    // MARK: AGAuthToken

    private struct Claims: Codable, Equatable {
        let username: String
        let channels: [String]
    }

    @Test func claimsOfAToken() throws {
        let payload = #"{"username":"alice","channels":["room/7"],"exp":4102444800.5}"#
        let keys = KeySet([.hmac(secret: Array(TestServer.key.utf8))])
        let verified = try TokenVerifier().verify(Array(ForgedToken.make(payload: payload).utf8), keys: keys, now: 0)
        let token = AGAuthToken(verified)
        #expect(token.claims.bytes == Array(payload.utf8))
        #expect(token.expiresAt == 4_102_444_800.5)
        #expect(token["username"] == "alice")
        #expect(token["channels"] == ["room/7"])
        #expect(token["missing"] == nil)
        #expect(try token.decode() == Claims(username: "alice", channels: ["room/7"]))
        #expect(throws: (any Error).self) { try token.decode(as: [String].self) }
        #expect(token == AGAuthToken(verified))
    }

    @Test func aTokenThatDoesNotExpire() throws {
        let keys = KeySet([.hmac(secret: Array(TestServer.key.utf8))])
        let verified = try TokenVerifier().verify(Array(ForgedToken.make(payload: "{}").utf8), keys: keys, now: 0)
        #expect(AGAuthToken(verified).expiresAt == nil)
        #expect(AGAuthToken(verified)["a"] == nil)
    }

    // MARK: Verdicts (contract §11)

    @Test(arguments: [AGAction.Kind.authenticate, .invoke, .handshakeSC])
    func verdicts(_ kind: AGAction.Kind) {
        let error = AGError(name: "PolicyError", message: "no")
        let silent = AGError(name: "PolicyError", message: "no", properties: ["silent": true])
        let hidden = AGError.silentMiddlewareBlocked(
            action: kind.rawValue,
            line: kind == .handshakeSC ? "handshake" : "inbound"
        )
        #expect(AGActionVerdict.allow.visibleError(for: kind) == nil)
        #expect(AGActionVerdict.allow.localError == nil)
        #expect(AGActionVerdict.block(error).visibleError(for: kind) == error)
        #expect(AGActionVerdict.block(error).localError == error)
        #expect(AGActionVerdict.blockSilently(error).visibleError(for: kind) == hidden)
        #expect(AGActionVerdict.blockSilently(error).localError == error)
        #expect(AGActionVerdict.block(silent).visibleError(for: kind) == hidden)
        #expect(AGActionVerdict.block(silent).localError == silent)
    }
}
