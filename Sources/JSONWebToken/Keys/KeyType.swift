/// What a key is, which alone decides the algorithms it can serve (RFC 8725 §3.1).
public enum KeyType: String, Sendable, Hashable, CaseIterable {
    /// A shared secret: HS256, HS384, HS512.
    case secret = "oct"
    /// RSA: RS256, RS384, RS512, PS256, PS384, PS512.
    case rsa
    /// RSA that its owner restricted to PSS (`id-RSASSA-PSS`): those of PS256, PS384, PS512 the restriction admits.
    case rsaPSS = "rsa-pss"
    /// The curve P-256 (`prime256v1`): ES256.
    case p256 = "P-256"
    /// The curve P-384 (`secp384r1`): ES384.
    case p384 = "P-384"
    /// The curve P-521 (`secp521r1`): ES512.
    case p521 = "P-521"
    /// The twisted Edwards curve Ed25519: EdDSA.
    case ed25519 = "Ed25519"

    /// The algorithms a key of this type can serve.
    public var algorithms: Set<Algorithm> { mask.algorithms }

    var mask: AlgorithmMask {
        switch self {
        case .secret: .hmac
        case .rsa: AlgorithmMask([.RS256, .RS384, .RS512, .PS256, .PS384, .PS512])
        case .rsaPSS: AlgorithmMask([.PS256, .PS384, .PS512])
        case .p256: AlgorithmMask([.ES256])
        case .p384: AlgorithmMask([.ES384])
        case .p521: AlgorithmMask([.ES512])
        case .ed25519: AlgorithmMask([.EdDSA])
        }
    }

    /// True for the three curves of ECDSA.
    var isEllipticCurve: Bool { curveName != nil }

    /// OpenSSL's name of the curve; `nil` unless the key is for ECDSA.
    var curveName: StaticString? {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        default: nil
        }
    }

    /// A coordinate's length in bytes (RFC 7518 §6.2.1.2), which is also that of each half of an ECDSA signature; 0 for
    /// keys without coordinates.
    var coordinateLength: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        default: 0
        }
    }

    /// Whether a stock server would accept `algorithm` for a key of this kind until it looks at the curve (contract §8).
    func isStockFamily(of algorithm: Algorithm) -> Bool {
        mask.contains(algorithm) || (isEllipticCurve && algorithm.family == .ecdsa)
    }

    /// What `jsonwebtoken` says of an asymmetric key that does not fit an algorithm.
    func mismatchMessage(_ algorithm: Algorithm) -> String {
        let curve =
            switch algorithm {
            case .ES256: "prime256v1"
            case .ES384: "secp384r1"
            default: "secp521r1"
            }
        return switch self {
        case .p256, .p384, .p521:
            algorithm.family == .ecdsa
                ? #""alg" parameter "\#(algorithm.rawValue)" requires curve "\#(curve)"."#
                : #""alg" parameter for "ec" key type must be one of: ES256, ES384, ES512."#
        case .rsa:
            #""alg" parameter for "rsa" key type must be one of: RS256, PS256, RS384, PS384, RS512, PS512."#
        case .rsaPSS:
            algorithm.family == .rsaPSS
                ? "Invalid key for this operation, its RSA-PSS parameters do not meet the requirements of \"alg\" "
                    + "\(algorithm.rawValue)."
                : #""alg" parameter for "rsa-pss" key type must be one of: PS256, PS384, PS512."#
        case .ed25519: #""alg" parameter for "ed25519" key type must be one of: EdDSA."#
        case .secret: #""alg" parameter for "oct" key type must be one of: HS256, HS384, HS512."#
        }
    }
}
