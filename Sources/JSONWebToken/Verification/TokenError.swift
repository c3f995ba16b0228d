/// Why a token was not accepted.
///
/// ``name`` and ``message`` are those of the `jsonwebtoken` package for every row of contract §8, so that clients of stock
/// servers see what they expect; the cases that package does not know have messages of their own. No text contains any
/// part of the token or of a key.
public enum TokenError: Error, Sendable, Hashable {
    /// There is no token.
    case notProvided
    /// The token is longer than ``VerificationPolicy/maximumTokenLength`` bytes.
    case tooLong(limit: Int)
    /// The token does not have exactly two dots.
    case malformed
    /// A part is not strict base64url, or the header is not a JSON object with proper parameters.
    case invalidToken
    /// The header names a parameter twice (RFC 7515 §4).
    case duplicateHeaderParameter
    /// The header has `crit`: nothing critical is understood, so it must be refused (RFC 7515 §4.1.11).
    case criticalHeader
    /// The header has `b64` other than `true`: unencoded payloads are not supported (RFC 7797 §6).
    case unencodedPayload
    /// The payload is not JSON; carries the byte offset of the fault.
    case payloadSyntax(offset: Int)
    /// The payload is JSON but no object (RFC 7519 §7.2), which the stock server would take as an identity.
    case payloadNotObject
    /// The payload names a claim twice (RFC 7519 §4).
    case duplicateClaim
    /// The third part is empty.
    case signatureRequired
    /// The key set has no key to verify with.
    case keyRequired
    /// The header's `kid` is longer than ``VerificationPolicy/maximumKeyIDLength`` bytes.
    case keyIDTooLong(limit: Int)
    /// No key of the set has the header's `kid`, or the token has none and every key has one.
    case unknownKeyID
    /// The header's `alg` is not accepted.
    case invalidAlgorithm
    /// `alg` is accepted by the policy but needs a secret where the key is a public one, or the other way round.
    case keyMismatch(Algorithm)
    /// `alg` is accepted by the policy but the public key is of another type or on another curve.
    case keyTypeMismatch(Algorithm, KeyType)
    /// The key is shorter than the policy's ``VerificationPolicy/minimumKeyStrength`` asks for.
    case weakKey(Algorithm)
    /// The signature is not the key's signature over header and payload.
    case invalidSignature
    /// OpenSSL failed; says nothing about the token.
    case unavailable
    /// `nbf` is not a finite number.
    case invalidNotBefore
    /// `nbf` is in the future; carries it in seconds since 1970.
    case notActive(date: Double)
    /// `exp` is not a finite number.
    case invalidExpiry
    /// `exp` is now or in the past; carries it in seconds since 1970.
    case expired(expiredAt: Double)
    /// `iat` is not a finite number.
    case invalidIssuedAt
    /// ``VerificationPolicy/maximumAgeSeconds`` is set and the token has no `iat`.
    case issuedAtRequired
    /// The token is older than ``VerificationPolicy/maximumAgeSeconds``; carries the second at which it became so.
    case maximumAgeExceeded(expiredAt: Double)
    /// `aud` names none of the audiences the policy asks for, which are carried.
    case audienceMismatch(expected: [String])
    /// `iss` is none of the issuers the policy asks for, which are carried.
    case issuerMismatch(expected: [String])
    /// `sub` is not the subject the policy asks for, which is carried.
    case subjectMismatch(expected: String)
    /// `typ` is not the type the policy asks for, which is carried.
    case typeMismatch(expected: String)
    /// The token is good and has been revoked. Thrown by those who keep revocations, never by ``TokenVerifier``.
    case revoked

    /// The error class of `jsonwebtoken` that contract §8 maps to a SocketCluster error: `JsonWebTokenError`,
    /// `TokenExpiredError`, `NotBeforeError`, `SyntaxError`, or `Error`, a plain one.
    public var name: String {
        switch self {
        case .expired, .maximumAgeExceeded: "TokenExpiredError"
        case .notActive: "NotBeforeError"
        case .payloadSyntax: "SyntaxError"
        case .unavailable, .keyTypeMismatch: "Error"
        default: "JsonWebTokenError"
        }
    }

    /// The text of contract §8, or one in its style.
    public var message: String {
        switch self {
        case .notProvided: "jwt must be provided"
        case .tooLong(let limit): "jwt is longer than \(limit) bytes"
        case .malformed: "jwt malformed"
        case .invalidToken: "invalid token"
        case .duplicateHeaderParameter: "jwt header has a duplicate parameter"
        case .criticalHeader: "jwt header parameter crit is not supported"
        case .unencodedPayload: "jwt header parameter b64 is not supported"
        case .payloadSyntax(let offset): "Unexpected token in JSON at position \(offset)"
        case .payloadNotObject: "jwt payload must be an object"
        case .duplicateClaim: "jwt payload has a duplicate claim"
        case .signatureRequired: "jwt signature is required"
        case .keyRequired: "secret or public key must be provided"
        case .keyIDTooLong(let limit): "jwt kid is longer than \(limit) bytes"
        case .unknownKeyID: "jwt kid is unknown"
        case .invalidAlgorithm: "invalid algorithm"
        case .keyMismatch(let algorithm):
            "secretOrPublicKey must be \(algorithm.isSymmetric ? "a symmetric" : "an asymmetric") key when using "
                + algorithm.rawValue
        case .keyTypeMismatch(let algorithm, let type): type.mismatchMessage(algorithm)
        case .weakKey(let algorithm):
            "secretOrPublicKey has a minimum key size of \(algorithm.minimumSecretLength * 8) bits for "
                + algorithm.rawValue
        case .invalidSignature: "invalid signature"
        case .unavailable: "jwt verification is unavailable"
        case .invalidNotBefore: "invalid nbf value"
        case .notActive: "jwt not active"
        case .invalidExpiry: "invalid exp value"
        case .expired: "jwt expired"
        case .invalidIssuedAt: "invalid iat value"
        case .issuedAtRequired: "iat required when maxAge is specified"
        case .maximumAgeExceeded: "maxAge exceeded"
        case .audienceMismatch(let expected): "jwt audience invalid. expected: \(expected.joined(separator: " or "))"
        case .issuerMismatch(let expected): "jwt issuer invalid. expected: \(expected.joined(separator: ","))"
        case .subjectMismatch(let expected): "jwt subject invalid. expected: \(expected)"
        case .typeMismatch(let expected): "jwt type invalid. expected: \(expected)"
        case .revoked: "jwt revoked"
        }
    }

    /// True when the failure says nothing about the token, which the client should then keep: "cannot verify now" is not
    /// "bad token".
    public var isUnavailable: Bool { self == .unavailable }

    /// When a `TokenExpiredError`'s token expired, in seconds since 1970; SocketCluster's `expiry`.
    public var expiredAt: Double? {
        switch self {
        case .expired(let expiredAt), .maximumAgeExceeded(let expiredAt): expiredAt
        default: nil
        }
    }

    /// When a `NotBeforeError`'s token becomes valid, in seconds since 1970; SocketCluster's `date`.
    public var date: Double? {
        if case .notActive(let date) = self { date } else { nil }
    }
}

extension TokenError: CustomStringConvertible {
    /// ``name`` and ``message``, as JavaScript prints an error.
    public var description: String { "\(name): \(message)" }
}
