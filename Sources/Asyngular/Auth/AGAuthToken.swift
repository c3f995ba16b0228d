import JSONWebToken
import SocketProtocol
import StrictJSON

/// The claims of a verified token: who the peer is.
///
/// Claims are read from the token's JSON when they are asked for.
public struct AGAuthToken: Sendable {
    // Never changed once it is made.
    @safe private nonisolated(unsafe) let storage: TokenStorage

    init(_ token: VerifiedToken) {
        self.init(claims: token.payload.rawBytes, expiry: token.expiresAt ?? .nan)
    }

    /// - Parameter signed: the token that was verified.
    init(_ token: VerifiedToken, signedAs signed: [UInt8]) {
        storage = .make(token.payload.rawBytes, signedAs: signed, isFound: true, expiry: token.expiresAt ?? .nan)
    }

    /// An identity that an ``AuthEngine`` has found by other means than a JSON Web Token.
    ///
    /// - Parameter claims: `exp` (seconds since 1970) ends it, and `iat`, `sub` and `jti` say what revokes it; the others are
    ///   the program's.
    public init(claims: JSONObject) {
        let claims = JSONText(.object(claims)).bytes
        self.init(claims: claims.rawBytes, expiry: Self.expiry(in: claims))
    }

    /// The claims of a token that this server has signed itself; nil if it is no JSON Web Token.
    init?(reading signed: String) {
        guard let parts = try? TokenInspector.inspect(Array(signed.utf8)), case .object? = try? parts.payloadValue()
        else { return nil }
        self.init(claims: parts.payload.rawBytes, expiry: Self.expiry(in: parts.payload))
    }

    private init(claims: RawSpan, expiry: Double) {
        self.init(.make(claims, expiry: expiry))
    }

    private init(_ storage: TokenStorage) {
        self.storage = storage
    }

    // MARK: Claims

    /// The claims, a JSON object as it stood in the token.
    public var claims: JSONText { JSONText(unchecked: storage.withClaims(Bytes.array)) }

    /// The claim `exp`, seconds since 1970; nil if the token does not expire.
    public var expiresAt: Double? { storage.expiry.isNaN ? nil : storage.expiry }

    /// When it expires, milliseconds since 1970; infinity for never.
    var expiryMilliseconds: Double { storage.expiry.isNaN ? .infinity : storage.expiry * 1000 }

    /// The claim `iat`, seconds since 1970; nil if it is absent.
    public var issuedAt: Double? { number("iat") }

    /// The claim `sub`, if it is a string: whom ``AGAuthEngine/revoke(_:)`` can name.
    public var subject: String? { string("sub") }

    /// The claim `jti`, if it is a string: what ``AGAuthEngine/revoke(_:)`` can name.
    public var tokenID: String? { string("jti") }

    private func number(_ name: StaticString) -> Double? {
        storage.withClaims { Self.number(name, in: $0) }
    }

    private func string(_ name: StaticString) -> String? {
        storage.withClaims { Self.find(name, in: $0) { $0.stringValue?.string(in: $1) } }
    }

    private static func expiry(in claims: [UInt8]) -> Double {
        number("exp", in: claims.rawBytes) ?? .nan
    }

    private static func number(_ name: StaticString, in claims: RawSpan) -> Double? {
        find(name, in: claims) { $0.kind == .number ? JSONNumber.double($1.extracting($0.value)) : nil }
    }

    private static func find<Value>(
        _ name: StaticString,
        in bytes: RawSpan,
        _ value: (JSONMember, RawSpan) -> Value?
    ) -> Value? {
        var found: Value?
        var cursor = JSONMemberCursor()
        while let member = try? cursor.next(in: bytes) {
            if member.name.equals(name, in: bytes) { found = value(member, bytes) }
        }
        return found
    }

    /// One claim, decoded; nil if it is absent.
    public subscript(_ name: String) -> JSONValue? {
        guard case .object(let object)? = storage.withClaims({ try? JSONValue(parsing: $0) }) else { return nil }
        return object[name]
    }

    // MARK: The signed token

    /// The same claims, and the token they are from.
    func signed(as token: [UInt8]) -> AGAuthToken {
        storage.withClaims {
            AGAuthToken(.make($0, signedAs: token, isFound: false, expiry: storage.expiry))
        }
    }

    /// The token as given to ``signed(as:)``; nil if there was none.
    var signedText: String? { storage.token }
}

extension AGAuthToken: Hashable {
    /// Two are equal if their claims are, byte for byte.
    public static func == (lhs: AGAuthToken, rhs: AGAuthToken) -> Bool {
        lhs.storage.withClaims { lhs in rhs.storage.withClaims { Bytes.equal(lhs, $0) } }
    }

    /// Hashes the claims.
    public func hash(into hasher: inout Hasher) {
        storage.withClaims { unsafe $0.withUnsafeBytes { unsafe hasher.combine(bytes: $0) } }
    }
}

extension AGAuthToken: CustomStringConvertible, CustomReflectable {
    /// The claims' JSON.
    public var description: String { claims.description }

    /// The claims, and never the signed token.
    public var customMirror: Mirror { Mirror(self, children: ["claims": claims]) }
}
