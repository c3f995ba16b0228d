/// A header that has been read and matched with the keys of one ``PreparedKeys``; immutable.
///
/// It holds for every policy: what depends on one is asked again per token.
final class KnownHeader {
    /// The header as it stands in the token, base64url-encoded.
    let encoded: [UInt8]
    let algorithm: Algorithm?
    let keyID: String?
    let keyIDLength: Int
    let type: String?
    /// True for `typ: "JWT"`, on which `jsonwebtoken` decides whether a bad payload is a syntax error.
    let isJWT: Bool
    /// False when the set knows no key for this `kid`.
    let isKeyKnown: Bool
    /// The prepared keys that fit `kid` and `alg`.
    let slots: [Int]
    /// What is said when there are none although the policy accepts the algorithm.
    let mismatch: TokenError
    /// True when a stock server, whose default goes by the kind of key and not by its curve, would accept the algorithm.
    let isStockFamily: Bool
    /// True when a key fits but OpenSSL could not prepare it.
    let isUnavailable: Bool

    init(encoded: [UInt8], header: JOSEHeader, isKeyKnown: Bool, slots: [Int], isUnavailable: Bool, first: KeyMaterial?)
    {
        self.encoded = encoded
        algorithm = header.algorithm
        keyID = header.keyID
        keyIDLength = header.keyID?.utf8.count ?? 0
        type = header.type
        isJWT = header.type == "JWT"
        self.isKeyKnown = isKeyKnown
        self.slots = slots
        (mismatch, isStockFamily) = Self.mismatch(header.algorithm, first)
        self.isUnavailable = isUnavailable
    }

    private static func mismatch(_ algorithm: Algorithm?, _ key: KeyMaterial?) -> (TokenError, Bool) {
        guard let algorithm, let key else { return (.invalidAlgorithm, false) }
        if (key.kind == .secret) != algorithm.isSymmetric { return (.keyMismatch(algorithm), false) }
        // What the key could serve but was told not to is not accepted, rather than mistaken.
        if key.kind != .rsaPSS, key.kind.mask.contains(algorithm) { return (.invalidAlgorithm, false) }
        return (.keyTypeMismatch(algorithm, key.kind), key.kind.isStockFamily(of: algorithm))
    }
}
