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
    /// True when a key fits but OpenSSL could not prepare it.
    let isUnavailable: Bool

    init(encoded: [UInt8], header: JOSEHeader, isKeyKnown: Bool, slots: [Int], isUnavailable: Bool) {
        self.encoded = encoded
        algorithm = header.algorithm
        keyID = header.keyID
        keyIDLength = header.keyID?.utf8.count ?? 0
        type = header.type
        isJWT = header.type == "JWT"
        self.isKeyKnown = isKeyKnown
        self.slots = slots
        self.isUnavailable = isUnavailable
    }
}
