/// A JWS signature algorithm (RFC 7518 §3.1, RFC 8037 §3.1), named exactly as in the `alg` header parameter.
///
/// The unsecured algorithm `none` has no case on purpose (RFC 8725 §3.2).
public enum Algorithm: String, Sendable, Hashable, CaseIterable {
    /// HMAC with SHA-256.
    case HS256
    /// HMAC with SHA-384.
    case HS384
    /// HMAC with SHA-512.
    case HS512
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case RS256
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    case RS384
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    case RS512
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a 32-byte salt.
    case PS256
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a 48-byte salt.
    case PS384
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a 64-byte salt.
    case PS512
    /// ECDSA on P-256 with SHA-256.
    case ES256
    /// ECDSA on P-384 with SHA-384.
    case ES384
    /// ECDSA on P-521 with SHA-512.
    case ES512
    /// Edwards-curve signatures with Ed25519; keys on Ed448 are not supported.
    case EdDSA

    /// The kind of signature an algorithm makes, which decides the kind of key it needs.
    enum Family: Sendable {
        case hmac
        case rsaPKCS1
        case rsaPSS
        case ecdsa
        case edwards
    }

    var family: Family {
        switch self {
        case .HS256, .HS384, .HS512: .hmac
        case .RS256, .RS384, .RS512: .rsaPKCS1
        case .PS256, .PS384, .PS512: .rsaPSS
        case .ES256, .ES384, .ES512: .ecdsa
        case .EdDSA: .edwards
        }
    }

    /// The hash the algorithm is built on; `nil` for EdDSA, which brings its own.
    var digest: MessageDigest? {
        switch self {
        case .HS256, .RS256, .PS256, .ES256: .sha256
        case .HS384, .RS384, .PS384, .ES384: .sha384
        case .HS512, .RS512, .PS512, .ES512: .sha512
        case .EdDSA: nil
        }
    }

    /// True for HS256, HS384 and HS512, whose signer and verifier share one secret.
    public var isSymmetric: Bool { family == .hmac }

    /// The least number of secret bytes RFC 7518 §3.2 allows for an HMAC algorithm; 0 for the others.
    public var minimumSecretLength: Int { isSymmetric ? digest?.length ?? 0 : 0 }
}
