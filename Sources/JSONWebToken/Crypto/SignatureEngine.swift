/// One key prepared for one algorithm: the seam between the token rules above it and OpenSSL below it.
///
/// A switch over an enum rather than a protocol existential, so that a call on the verification path is direct. A new
/// algorithm family adds a case here, a context class beside ``HMACContext`` and a ``KeyType``; verifier, signer, key sets
/// and policies stay as they are.
///
/// A secret both signs and verifies; of a pair the private key only signs and the public key only verifies.
enum SignatureEngine {
    case hmac(HMACContext)
    case rsa(PrehashedContext)
    case ecdsa(ECDSAContext)
    case edwards(EdwardsContext)

    /// Prepares `material` for `algorithm`; `nil` when the key does not fit it or OpenSSL fails.
    init?(_ material: KeyMaterial, _ algorithm: Algorithm) {
        guard material.algorithms.contains(algorithm) else { return nil }
        let engine: SignatureEngine?
        switch (algorithm.family, material.key, algorithm.digest) {
        case (.hmac, nil, let digest?):
            engine = unsafe material.withSecret({ unsafe HMACContext(secret: $0, digest: digest) }).map(Self.hmac)
        case (.rsaPKCS1, let key?, let digest?):
            engine = PrehashedContext(key, digest, .pkcs1).map(Self.rsa)
        case (.rsaPSS, let key?, let digest?):
            engine = PrehashedContext(key, digest, .pss).map(Self.rsa)
        case (.ecdsa, let key?, let digest?):
            engine = ECDSAContext(key, digest).map(Self.ecdsa)
        case (.edwards, let key?, _):
            engine = EdwardsContext(key).map(Self.edwards)
        default:
            engine = nil
        }
        guard let engine else { return nil }
        self = engine
    }

    /// An upper bound of a signature's length in bytes.
    var maximumSignatureLength: Int {
        switch self {
        case .hmac(let context): context.length
        case .rsa(let context): context.maximumLength
        case .ecdsa(let context): context.length
        case .edwards: EdwardsContext.length
        }
    }

    /// Whether `signature` was made over `message` with this key; `nil` when OpenSSL fails, which says nothing about it.
    @unsafe
    func isValid(signature: UnsafeRawBufferPointer, over message: UnsafeRawBufferPointer) -> Bool? {
        switch self {
        case .hmac(let context): unsafe context.isValid(signature: signature, over: message)
        case .rsa(let context):
            // RFC 8017 §8.1.2 and §8.2.2: as long as the modulus, nothing else.
            signature.count == context.maximumLength
                ? unsafe context.isValid(signature: signature, over: message) : false
        case .ecdsa(let context): unsafe context.isValid(signature: signature, over: message)
        case .edwards(let context): unsafe context.isValid(signature: signature, over: message)
        }
    }

    /// Signs into a buffer of ``maximumSignatureLength`` bytes; returns the number written, or `nil` on failure.
    @unsafe
    func sign(_ message: UnsafeRawBufferPointer, into signature: UnsafeMutablePointer<UInt8>) -> Int? {
        switch self {
        case .hmac(let context): unsafe context.authenticate(message, into: signature) ? context.length : nil
        case .rsa(let context): unsafe context.sign(message, into: signature)
        case .ecdsa(let context): unsafe context.sign(message, into: signature)
        case .edwards(let context): unsafe context.sign(message, into: signature)
        }
    }
}
