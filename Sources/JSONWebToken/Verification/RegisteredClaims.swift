import StrictJSON

/// Where a claim's value stands in the payload.
struct ClaimRange: Sendable, Hashable {
    private let start: UInt32
    private let end: UInt32

    static let absent = ClaimRange()

    private init() {
        start = 0
        end = 0
    }

    init(_ range: Range<Int>) {
        start = UInt32(truncatingIfNeeded: range.lowerBound)
        end = UInt32(truncatingIfNeeded: range.upperBound)
    }

    /// The value's bytes; `nil` when the claim is absent.
    var range: Range<Int>? { end == 0 ? nil : Int(start)..<Int(end) }

    /// The value if it is a string.
    func string(in payload: RawSpan) -> String? {
        guard let range, JSONScanner.kind(of: payload.extracting(range)) == .string else { return nil }
        // Nothing tells any more whether there are escapes; decoding copes with either.
        return JSONString(range: range.lowerBound + 1..<range.upperBound - 1, hasEscapes: true).string(in: payload)
    }
}

/// The claims of RFC 7519 §4.1 that decide about a token, found in one pass over its payload.
struct RegisteredClaims {
    /// `nil` when absent; not finite when present but no finite number.
    private(set) var expiresAt: Double?
    private(set) var notBefore: Double?
    private(set) var issuedAt: Double?
    private(set) var issuer = ClaimRange.absent
    private(set) var audience = ClaimRange.absent
    private(set) var subject = ClaimRange.absent
    private(set) var tokenID = ClaimRange.absent

    /// Validates the whole payload and reads it.
    ///
    /// - Throws: `.unexpectedKind` for JSON that is not an object, `.duplicateMember`, `.invalidUTF8` and the other
    ///   faults of the scanner.
    @unsafe
    init(_ payload: UnsafeRawBufferPointer, ledger: consuming NameLedger) throws(JSONError) {
        let span = unsafe RawSpan(_unsafeBytes: payload)
        if let fault = UTF8Check.firstInvalidOffset(in: span) { throw .invalidUTF8(fault) }
        guard let base = payload.baseAddress else { throw .unexpectedEnd(0) }
        let scanner = unsafe UnsafeJSONScanner(base: base.assumingMemoryBound(to: UInt8.self), count: payload.count)
        try unsafe scanner.eachMember { member throws(JSONError) in
            let prefix = unsafe NameLedger.prefix(of: member.name, in: payload)
            guard unsafe ledger.insert(member.name, prefix: prefix, in: payload) else {
                throw .duplicateMember(member.name.range.lowerBound)
            }
            if member.name.hasEscapes {
                let name = unsafe Array(member.name.string(in: RawSpan(_unsafeBytes: payload)).utf8)
                if name.count == 3 { note(member, word: Self.word(name), unsafe RawSpan(_unsafeBytes: payload)) }
            } else if member.name.range.count == 3 {
                note(member, word: UInt32(truncatingIfNeeded: prefix), unsafe RawSpan(_unsafeBytes: payload))
            }
        }
    }

    /// Takes note of a member with a name of three bytes, given as one word.
    private mutating func note(_ member: JSONMember, word: UInt32, _ payload: RawSpan) {
        switch word {
        case Self.exp: expiresAt = Self.number(member, payload)
        case Self.iat: issuedAt = Self.number(member, payload)
        case Self.nbf: notBefore = Self.number(member, payload)
        case Self.sub: subject = ClaimRange(member.value)
        case Self.iss: issuer = ClaimRange(member.value)
        case Self.aud: audience = ClaimRange(member.value)
        case Self.jti: tokenID = ClaimRange(member.value)
        default: break
        }
    }

    // "exp" and so on, the first letter lowest.
    private static let exp: UInt32 = 0x70_78_65
    private static let iat: UInt32 = 0x74_61_69
    private static let nbf: UInt32 = 0x66_62_6E
    private static let sub: UInt32 = 0x62_75_73
    private static let iss: UInt32 = 0x73_73_69
    private static let aud: UInt32 = 0x64_75_61
    private static let jti: UInt32 = 0x69_74_6A

    private static func word(_ name: [UInt8]) -> UInt32 {
        UInt32(name[0]) | UInt32(name[1]) << 8 | UInt32(name[2]) << 16
    }

    private static func number(_ member: JSONMember, _ payload: RawSpan) -> Double {
        member.kind == .number ? JSONNumber.double(payload.extracting(member.value)) : .nan
    }

    /// Checks the times, in the order of contract §8.
    func checkTimes(_ policy: VerificationPolicy, now: Int64) throws(TokenError) {
        try TokenTimes(expiresAt: expiresAt, notBefore: notBefore, issuedAt: issuedAt).check(policy, now: now)
    }

    /// Checks whom the token is from, about and for, as far as the policy asks.
    func checkParties(_ policy: VerificationPolicy, _ payload: RawSpan) throws(TokenError) {
        if let audiences = policy.audiences {
            guard names(of: audience, in: payload).contains(where: { name in audiences.contains { $0.isSame(name) } })
            else { throw .audienceMismatch(expected: audiences) }
        }
        if let issuers = policy.issuers {
            guard let issuer = issuer.string(in: payload), issuers.contains(where: { $0.isSame(issuer) })
            else { throw .issuerMismatch(expected: issuers) }
        }
        if let wanted = policy.subject {
            guard let subject = subject.string(in: payload), subject.isSame(wanted)
            else { throw .subjectMismatch(expected: wanted) }
        }
    }

    /// The strings of a claim that is a string or an array of strings.
    private func names(of claim: ClaimRange, in payload: RawSpan) -> [String] {
        if let single = claim.string(in: payload) { return [single] }
        guard let range = claim.range else { return [] }
        let array = payload.extracting(range)
        var result: [String] = []
        var cursor = JSONElementCursor()
        while let element = try? cursor.next(in: array) {
            if let string = element.stringValue { result.append(string.string(in: array)) }
        }
        return result
    }
}

extension String {
    /// Equality of the code points, which is what RFC 7519 §2 means by StringOrURI comparison; Swift's `==` would also
    /// accept canonically equivalent texts.
    func isSame(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
