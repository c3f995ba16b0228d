import JSONWebToken
import SocketProtocol
import StrictJSON

/// The claims of a verified token: who the peer is.
///
/// Claims are read from the token's JSON when they are asked for.
public struct AGAuthToken: Sendable {
    /// The claims; then, for a socket's own use, what of the signed token does not follow from them.
    ///
    /// A signed token is the claims again in base64, which a socket does not keep twice.
    private let storage: [UInt8]
    private let claimsCount: UInt32
    private let rest: Rest
    /// `exp`, which is looked at with every message; NaN without one.
    private let expiry: Double

    /// What follows the claims.
    private enum Rest {
        case nothing
        /// The same, and the claims were found in a token, the one that ``signed(as:)`` will be given.
        case decoded
        /// The token's first segment, of so many bytes, and its last one.
        case segments(first: UInt16)
        /// The last segment; the first is that of ``firstSegments``.
        case last(first: UInt8)
        /// The whole token.
        case token
    }

    init(_ token: VerifiedToken) {
        self.init(
            token.payload,
            claimsCount: UInt32(token.payload.count),
            rest: .decoded,
            expiry: token.expiresAt ?? .nan
        )
    }

    /// An identity that an ``AuthEngine`` has found by other means than a JSON Web Token.
    ///
    /// - Parameter claims: `exp` (seconds since 1970) ends it, and `iat`, `sub` and `jti` say what revokes it; the others are
    ///   the program's.
    public init(claims: JSONObject) {
        let claims = JSONText(.object(claims)).bytes
        self.init(claims: claims, expiry: Self.expiry(in: claims))
    }

    /// The claims of a token that this server has signed itself; nil if it is no JSON Web Token.
    init?(reading signed: String) {
        guard let parts = try? TokenInspector.inspect(Array(signed.utf8)), case .object? = try? parts.payloadValue()
        else { return nil }
        self.init(claims: parts.payload, expiry: Self.expiry(in: parts.payload))
    }

    private init(claims: [UInt8], expiry: Double) {
        self.init(claims, claimsCount: UInt32(claims.count), rest: .nothing, expiry: expiry)
    }

    private init(_ storage: [UInt8], claimsCount: UInt32, rest: Rest, expiry: Double) {
        self.storage = storage
        self.claimsCount = claimsCount
        self.rest = rest
        self.expiry = expiry
    }

    private var claimsRange: Range<Int> { 0..<Int(claimsCount) }

    // MARK: Claims

    /// The claims, a JSON object as it stood in the token.
    public var claims: JSONText {
        JSONText(unchecked: storage.count == Int(claimsCount) ? storage : Array(storage[claimsRange]))
    }

    /// The claim `exp`, seconds since 1970; nil if the token does not expire.
    public var expiresAt: Double? { expiry.isNaN ? nil : expiry }

    /// When it expires, milliseconds since 1970; infinity for never.
    var expiryMilliseconds: Double { expiry.isNaN ? .infinity : expiry * 1000 }

    /// The claim `iat`, seconds since 1970; nil if it is absent.
    public var issuedAt: Double? { number("iat") }

    /// The claim `sub`, if it is a string: whom ``AGAuthEngine/revoke(_:)`` can name.
    public var subject: String? { string("sub") }

    /// The claim `jti`, if it is a string: what ``AGAuthEngine/revoke(_:)`` can name.
    public var tokenID: String? { string("jti") }

    private func number(_ name: StaticString) -> Double? {
        Self.number(name, in: storage.rawBytes.extracting(claimsRange))
    }

    private func string(_ name: StaticString) -> String? {
        Self.find(name, in: storage.rawBytes.extracting(claimsRange)) { $0.stringValue?.string(in: $1) }
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
        guard case .object(let object)? = try? JSONValue(parsing: storage.rawBytes.extracting(claimsRange)) else {
            return nil
        }
        return object[name]
    }

    // MARK: The signed token

    /// The same claims, and the token they are from; for claims of a verified token, that one.
    func signed(as token: [UInt8]) -> AGAuthToken {
        let claims = storage.rawBytes.extracting(claimsRange)
        if let first = token.firstIndex(of: UInt8(ascii: ".")), first <= UInt16.max,
            let last = token.lastIndex(of: UInt8(ascii: ".")), last > first,
            // What is decoded strictly has one text only.
            isDecoded || Base64URL.isText(token.rawBytes.extracting((first + 1)..<last), of: claims)
        {
            let segment = token.rawBytes.extracting(0..<first)
            if let known = Self.firstSegments.firstIndex(where: { Bytes.equal($0.rawBytes, segment) }) {
                return AGAuthToken(
                    joined([], token[(last + 1)...]),
                    claimsCount: claimsCount,
                    rest: .last(first: UInt8(known)),
                    expiry: expiry
                )
            }
            return AGAuthToken(
                joined(token[..<first], token[(last + 1)...]),
                claimsCount: claimsCount,
                rest: .segments(first: UInt16(first)),
                expiry: expiry
            )
        }
        return AGAuthToken(joined(token[...], []), claimsCount: claimsCount, rest: .token, expiry: expiry)
    }

    private var isDecoded: Bool {
        if case .decoded = rest { true } else { false }
    }

    private func joined(_ first: ArraySlice<UInt8>, _ last: ArraySlice<UInt8>) -> [UInt8] {
        let count = Int(claimsCount) + first.count + last.count
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { output, written in
            unsafe Self.put(storage[claimsRange], into: output, at: &written)
            unsafe Self.put(first, into: output, at: &written)
            unsafe Self.put(last, into: output, at: &written)
        }
    }

    @unsafe
    private static func put(
        _ part: ArraySlice<UInt8>,
        into output: UnsafeMutableBufferPointer<UInt8>,
        at place: inout Int
    ) {
        guard !part.isEmpty else { return }
        let room = unsafe UnsafeMutableBufferPointer(rebasing: output[place..<(place + part.count)])
        place = unsafe place + room.initialize(fromContentsOf: part)
    }

    /// The token as given to ``signed(as:)``; nil if there was none.
    var signedText: String? {
        let end = Int(claimsCount)
        switch rest {
        case .nothing, .decoded: return nil
        case .token: return String(decoding: storage[end...], as: UTF8.self)
        case .last(let first): return text(Self.firstSegments[Int(first)][...], storage[end...])
        case .segments(let first):
            return text(storage[end..<(end + Int(first))], storage[(end + Int(first))...])
        }
    }

    private func text(_ first: ArraySlice<UInt8>, _ last: ArraySlice<UInt8>) -> String {
        let claims = Base64URL.encode(Array(storage[claimsRange]))
        return String(decoding: first, as: UTF8.self) + "." + claims + "." + String(decoding: last, as: UTF8.self)
    }

    /// What signers make of `{"alg":…,"typ":"JWT"}`, and the other way round.
    private static let firstSegments: [[UInt8]] = Algorithm.allCases.flatMap { algorithm in
        [#"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#, #"{"typ":"JWT","alg":"\#(algorithm.rawValue)"}"#].map {
            Array(Base64URL.encode(Array($0.utf8)).utf8)
        }
    }
}

extension AGAuthToken: Hashable {
    /// Two are equal if their claims are, byte for byte.
    public static func == (lhs: AGAuthToken, rhs: AGAuthToken) -> Bool {
        lhs.storage[lhs.claimsRange] == rhs.storage[rhs.claimsRange]
    }

    /// Hashes the claims.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(storage[claimsRange])
    }
}

extension AGAuthToken: CustomStringConvertible, CustomReflectable {
    /// The claims' JSON.
    public var description: String { claims.description }

    /// The claims, and never the signed token.
    public var customMirror: Mirror { Mirror(self, children: ["claims": claims]) }
}
