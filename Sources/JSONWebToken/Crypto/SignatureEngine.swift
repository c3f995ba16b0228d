/// One key prepared for one algorithm: the seam between the token rules above it and OpenSSL below it.
///
/// A switch over an enum rather than a protocol existential, so that a call on the verification path is direct. A new
/// algorithm family adds a case here, a context class beside ``HMACContext`` and a kind of ``KeyMaterial``; verifier,
/// signer, key sets and policies stay as they are.
enum SignatureEngine {
    case hmac(HMACContext)

    /// Prepares `material` for `algorithm`; `nil` when the key does not fit it or OpenSSL fails.
    init?(_ material: KeyMaterial, _ algorithm: Algorithm) {
        guard material.algorithms.contains(algorithm), let digest = algorithm.digest else { return nil }
        switch algorithm.family {
        case .hmac:
            guard let context = unsafe material.withSecret({ unsafe HMACContext(secret: $0, digest: digest) }) else {
                return nil
            }
            self = .hmac(context)
        case .rsaPKCS1, .rsaPSS, .ecdsa, .edwards:
            return nil
        }
    }

    /// An upper bound of a signature's length in bytes.
    var maximumSignatureLength: Int {
        switch self {
        case .hmac(let context): context.length
        }
    }

    /// Whether `signature` was made over `message` with this key; `nil` when OpenSSL fails, which says nothing about it.
    @unsafe
    func isValid(signature: UnsafeRawBufferPointer, over message: UnsafeRawBufferPointer) -> Bool? {
        switch self {
        case .hmac(let context): unsafe context.isValid(signature: signature, over: message)
        }
    }

    /// Signs into a buffer of ``maximumSignatureLength`` bytes; returns the number written, or `nil` on failure.
    @unsafe
    func sign(_ message: UnsafeRawBufferPointer, into signature: UnsafeMutablePointer<UInt8>) -> Int? {
        switch self {
        case .hmac(let context): unsafe context.authenticate(message, into: signature) ? context.length : nil
        }
    }
}
