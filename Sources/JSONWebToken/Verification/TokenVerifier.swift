import StrictJSON

/// Verifies compact JWS tokens (RFC 7515, RFC 7519) to usable claims.
///
/// An instance keeps OpenSSL contexts for the key sets it was last given, the headers of tokens it accepted, and its
/// working memory, so that a token costs little more than its signature. It is **not** thread-safe: make one per thread.
///
/// The outcome is that of `jsonwebtoken` as contract §8 tabulates it, in its order, with these rules added (RFC 8725,
/// contract §20.11): the token's length is capped before anything else; base64url is strict; header and payload are strict
/// UTF-8 JSON objects without duplicate members; `crit`, `b64` and unknown `kid` are refused; `exp`, `nbf` and `iat` are
/// finite numbers.
public final class TokenVerifier {
    /// Key sets kept prepared, so that callers may alternate between a few; the one used longest ago is dropped.
    static let maximumPreparedSets = 4

    /// The set used last.
    @safe @exclusivity(unchecked) private var current: PreparedKeys?
    /// The sets used before that, the latest first.
    @safe @exclusivity(unchecked) private var earlier: [PreparedKeys] = []
    private let scratch = Scratch()
    /// The algorithm of the token last given to ``verify(_:keys:policy:now:)-(RawSpan,_,_,_)``, once its header was read and
    /// a key of the set fits it; for counting what was verified. What a header merely claims does not stand here.
    @safe @exclusivity(unchecked) public private(set) var lastAlgorithm: Algorithm?

    /// A verifier without any prepared keys; they are prepared on first use.
    public init() {}

    /// Forgets all prepared keys and headers. Worth calling after a key was withdrawn, to have its contexts wiped at once.
    public func reset() {
        current = nil
        earlier.removeAll()
    }

    /// Verifies a token.
    ///
    /// - Parameters:
    ///   - token: the token's bytes.
    ///   - keys: the keys it may be signed with.
    ///   - policy: what else is asked of it.
    ///   - now: the time in whole seconds since 1970.
    /// - Returns: the claims as signed, and those that matter already read.
    /// - Throws: the first ``TokenError`` in the order of contract §8.
    public func verify(
        _ token: RawSpan,
        keys: KeySet,
        policy: VerificationPolicy = VerificationPolicy(),
        now: Int64
    ) throws(TokenError) -> VerifiedToken {
        try unsafe token.withUnsafeBytes { (bytes) throws(TokenError) -> VerifiedToken in
            try unsafe verify(bytes, keys, policy, now)
        }
    }

    /// Verifies a token held in an array; see ``verify(_:keys:policy:now:)-(RawSpan,_,_,_)``.
    public func verify(
        _ token: [UInt8],
        keys: KeySet,
        policy: VerificationPolicy = VerificationPolicy(),
        now: Int64
    ) throws(TokenError) -> VerifiedToken {
        try unsafe verify(token.span.bytes, keys: keys, policy: policy, now: now)
    }

    @unsafe
    private func verify(
        _ token: UnsafeRawBufferPointer,
        _ keys: KeySet,
        _ policy: VerificationPolicy,
        _ now: Int64
    ) throws(TokenError) -> VerifiedToken {
        lastAlgorithm = nil
        guard token.count <= policy.maximumTokenLength else { throw .tooLong(limit: policy.maximumTokenLength) }
        guard unsafe !token.isEmpty else { throw .notProvided }
        guard let parts = unsafe TokenParts(token) else { throw .malformed }
        guard !parts.header.isEmpty, !parts.payload.isEmpty else { throw .invalidToken }

        // Decoded parts are shorter than encoded ones, so the token's length holds them all.
        return try unsafe scratch.withMemory(token.count) { (memory) throws(TokenError) -> VerifiedToken in
            try unsafe verify(token, parts, keys, policy, now, memory)
        }
    }

    @unsafe
    private func verify(
        _ token: UnsafeRawBufferPointer,
        _ parts: TokenParts,
        _ keys: KeySet,
        _ policy: VerificationPolicy,
        _ now: Int64,
        _ memory: UnsafeMutableRawPointer
    ) throws(TokenError) -> VerifiedToken {
        let prepared = prepare(keys)
        let encodedHeader = unsafe UnsafeRawBufferPointer(rebasing: token[parts.header])
        let known = unsafe prepared.knownHeader(encodedHeader)
        let header: KnownHeader
        if let known {
            header = known
        } else {
            header = try unsafe read(encodedHeader, prepared, memory)
        }
        if !header.slots.isEmpty { lastAlgorithm = header.algorithm }

        guard
            let payloadCount = unsafe Base64URL.decode(
                UnsafeRawBufferPointer(rebasing: token[parts.payload]),
                into: memory
            ),
            let signatureCount = unsafe Base64URL.decode(
                UnsafeRawBufferPointer(rebasing: token[parts.signature]),
                into: memory + payloadCount
            )
        else { throw .invalidToken }
        let payload = unsafe UnsafeRawBufferPointer(start: memory, count: payloadCount)
        let signature = unsafe UnsafeRawBufferPointer(start: memory + payloadCount, count: signatureCount)
        let input = unsafe UnsafeRawBufferPointer(rebasing: token[parts.signingInput])

        let algorithm: Algorithm
        do {
            algorithm = try unsafe checkSignature(signature, over: input, header, prepared, policy)
        } catch {
            // Contract §8 reports a payload that is not JSON before anything about the signature. An unauthenticated
            // payload is looked at for that purpose only.
            throw unsafe header.isJWT ? syntaxError(in: payload) ?? error : error
        }
        if known == nil { prepared.remember(header) }

        let claims = try unsafe readClaims(payload, isJWT: header.isJWT)
        try claims.checkTimes(policy, now: now)
        try claims.checkParties(policy, unsafe RawSpan(_unsafeBytes: payload))
        if let type = policy.type, !JOSEHeader.isType(header.type, type) { throw .typeMismatch(expected: type) }
        return unsafe VerifiedToken(payload: Array(payload), header: header, algorithm: algorithm, claims: claims)
    }

    /// Rows 5 to 8 of contract §8.
    @unsafe
    private func checkSignature(
        _ signature: UnsafeRawBufferPointer,
        over input: UnsafeRawBufferPointer,
        _ header: KnownHeader,
        _ prepared: PreparedKeys,
        _ policy: VerificationPolicy
    ) throws(TokenError) -> Algorithm {
        guard unsafe !signature.isEmpty else { throw .signatureRequired }
        guard prepared.keys.isUsable else { throw prepared.keys.isPending ? .unavailable : .keyRequired }
        guard header.keyIDLength <= policy.maximumKeyIDLength else {
            throw .keyIDTooLong(limit: policy.maximumKeyIDLength)
        }
        guard header.isKeyKnown else { throw .unknownKeyID }
        guard let algorithm = header.algorithm, policy.mask?.contains(algorithm) ?? true else {
            throw .invalidAlgorithm
        }
        var failure = TokenError.invalidSignature
        if header.slots.isEmpty {
            failure = policy.mask != nil || header.isStockFamily ? header.mismatch : .invalidAlgorithm
        }
        if header.isUnavailable { failure = .unavailable }
        for index in header.slots {
            let slot = prepared.slots[index]
            guard !slot.isWeak || policy.minimumKeyStrength == .any else {
                failure = .weakKey(algorithm)
                continue
            }
            switch unsafe slot.engine.isValid(signature: signature, over: input) {
            case true?: return algorithm
            case false?: if failure != .unavailable { failure = .invalidSignature }
            case nil: failure = .unavailable
            }
        }
        throw failure
    }

    private func readClaims(_ payload: UnsafeRawBufferPointer, isJWT: Bool) throws(TokenError) -> RegisteredClaims {
        do throws(JSONError) {
            return try unsafe RegisteredClaims(payload, ledger: scratch.ledger())
        } catch {
            switch error {
            case .duplicateMember: throw .duplicateClaim
            case .unexpectedKind where isJWT: throw unsafe syntaxError(in: payload) ?? .payloadNotObject
            default: throw isJWT ? .payloadSyntax(offset: error.offset) : .payloadNotObject
            }
        }
    }

    private func syntaxError(in payload: UnsafeRawBufferPointer) -> TokenError? {
        do throws(JSONError) {
            _ = try JSONScanner.validate(unsafe RawSpan(_unsafeBytes: payload))
            return nil
        } catch {
            return .payloadSyntax(offset: error.offset)
        }
    }

    /// Reads a header not seen before. `memory` is only borrowed.
    private func read(
        _ encoded: UnsafeRawBufferPointer,
        _ prepared: PreparedKeys,
        _ memory: UnsafeMutableRawPointer
    ) throws(TokenError) -> KnownHeader {
        guard let count = unsafe Base64URL.decode(encoded, into: memory) else { throw .invalidToken }
        let header = try unsafe JOSEHeader(
            UnsafeRawBufferPointer(start: memory, count: count),
            ledger: scratch.ledger()
        )
        return prepared.match(header, encoded: unsafe Array(encoded))
    }

    private func prepare(_ keys: KeySet) -> PreparedKeys {
        if let current, current.keys.generation == keys.generation { return current }
        let found: PreparedKeys
        if let index = earlier.firstIndex(where: { $0.keys.generation == keys.generation }) {
            found = earlier.remove(at: index)
        } else {
            found = PreparedKeys(keys)
        }
        if let current { earlier.insert(current, at: 0) }
        if earlier.count >= Self.maximumPreparedSets { earlier.removeLast() }
        current = found
        return found
    }
}
