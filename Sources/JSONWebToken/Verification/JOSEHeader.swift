import StrictJSON

/// The header parameters that decide about a token (RFC 7515 §4.1).
///
/// `jwk`, `jku`, `x5u`, `x5c` and `x5t` are not read: a token does not choose the key it is verified with (RFC 8725 §3.10).
struct JOSEHeader {
    /// `nil` when `alg` is missing, not a string, or not one of ``Algorithm``; `none` in any spelling is among those.
    private(set) var algorithm: Algorithm?
    private(set) var keyID: String?
    private(set) var type: String?

    /// More members than any real header has; the limit keeps the comparison of names cheap.
    static let maximumMembers = 64
    /// Deep enough for an embedded key, which is skipped.
    static let maximumDepth = 16

    @unsafe
    init(_ json: UnsafeRawBufferPointer, ledger: consuming NameLedger) throws(TokenError) {
        let span = unsafe RawSpan(_unsafeBytes: json)
        guard UTF8Check.firstInvalidOffset(in: span) == nil else { throw .invalidToken }
        var cursor = JSONMemberCursor(maximumDepth: Self.maximumDepth)
        while let member = try Self.next(&cursor, span) {
            guard ledger.count < Self.maximumMembers else { throw .invalidToken }
            let prefix = unsafe NameLedger.prefix(of: member.name, in: json)
            guard unsafe ledger.insert(member.name, prefix: prefix, in: json) else { throw .duplicateHeaderParameter }
            try note(member, span)
        }
    }

    private static func next(_ cursor: inout JSONMemberCursor, _ span: RawSpan) throws(TokenError) -> JSONMember? {
        do {
            return try cursor.next(in: span)
        } catch {
            throw .invalidToken
        }
    }

    private mutating func note(_ member: JSONMember, _ json: RawSpan) throws(TokenError) {
        let name = member.name
        if name.equals("alg", in: json) {
            algorithm = member.stringValue.flatMap { Algorithm(rawValue: $0.string(in: json)) }
        } else if name.equals("kid", in: json) {
            guard let kid = member.stringValue else { throw .invalidToken }
            keyID = kid.string(in: json)
        } else if name.equals("typ", in: json) {
            guard let typ = member.stringValue else { throw .invalidToken }
            type = typ.string(in: json)
        } else if name.equals("crit", in: json) {
            throw .criticalHeader
        } else if name.equals("b64", in: json) {
            guard json.extracting(member.value).byteCount == 4, member.kind == .bool else { throw .unencodedPayload }
        }
    }

    /// True when `typ` is `expected`, without regard to ASCII case and to an `application/` prefix.
    static func isType(_ type: String?, _ expected: String) -> Bool {
        guard let type else { return false }
        return normalized(type).elementsEqual(normalized(expected))
    }

    private static func normalized(_ type: String) -> [UInt8] {
        let lower = type.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let prefix = Array("application/".utf8)
        return lower.starts(with: prefix) ? Array(lower.dropFirst(prefix.count)) : lower
    }
}
