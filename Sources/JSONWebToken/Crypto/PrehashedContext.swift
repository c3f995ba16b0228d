import COpenSSL

/// RSA or ECDSA signatures of one key and hash: the message is hashed and the hash is signed or verified.
///
/// OpenSSL's context of the key is set up once and used for every message, which spares the fetching of algorithms and the
/// checking of parameters that `EVP_DigestVerifyInit` repeats. Not thread-safe.
@safe
final class PrehashedContext {
    enum Padding: Sendable {
        /// RSASSA-PKCS1-v1_5.
        case pkcs1
        /// RSASSA-PSS with MGF1 over the same hash and a salt of the hash's length (RFC 7518 §3.5).
        case pss
        /// ECDSA has none.
        case none
    }

    /// The most bytes a signature takes as OpenSSL writes it; for RSA the only length it has.
    let maximumLength: Int

    private let digest: MessageDigest
    /// Keeps the key alive, though OpenSSL counts references of its own.
    private let key: ParsedKey
    private let hash: OpaquePointer
    private let operation: OpaquePointer

    /// Prepares a private key for signing or a public one for verifying; `nil` when OpenSSL refuses the combination.
    init?(_ key: ParsedKey, _ digest: MessageDigest, _ padding: Padding) {
        guard let hash = unsafe EVP_MD_CTX_new() else { return nil }
        guard let operation = unsafe key.withPointer({ unsafe EVP_PKEY_CTX_new_from_pkey(nil, $0, nil) }) else {
            unsafe EVP_MD_CTX_free(hash)
            return nil
        }
        unsafe self.hash = hash
        unsafe self.operation = operation
        self.key = key
        self.digest = digest
        maximumLength = unsafe Int(key.withPointer { unsafe EVP_PKEY_get_size($0) })
        guard maximumLength > 0, setUp(padding) else {
            ERR_clear_error()
            return nil
        }
    }

    deinit {
        unsafe EVP_MD_CTX_free(hash)
        unsafe EVP_PKEY_CTX_free(operation)
    }

    private func setUp(_ padding: Padding) -> Bool {
        guard let method = unsafe digest.method else { return false }
        let isReady = unsafe key.isPrivate ? EVP_PKEY_sign_init(operation) : EVP_PKEY_verify_init(operation)
        guard isReady == 1, unsafe EVP_PKEY_CTX_set_signature_md(operation, method) == 1 else { return false }
        switch padding {
        case .none: return true
        case .pkcs1: return unsafe EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PADDING) == 1
        case .pss:
            return unsafe EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(operation, method) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(operation, Int32(digest.length)) == 1
        }
    }

    /// Whether `signature`, in OpenSSL's form, was made over `message`; `nil` when OpenSSL fails.
    @unsafe
    func isValid(signature: UnsafeRawBufferPointer, over message: UnsafeRawBufferPointer) -> Bool? {
        guard !key.isPrivate else { return nil }
        return unsafe withHash(of: message) { hash -> Bool? in
            let result = unsafe EVP_PKEY_verify(
                operation,
                signature.baseAddress?.assumingMemoryBound(to: UInt8.self),
                signature.count,
                hash,
                digest.length
            )
            guard result != 1 else { return true }
            // What a bad signature leaves in the thread's queue must not be taken for somebody else's error.
            ERR_clear_error()
            return result == 0 ? false : nil
        }
    }

    /// Signs into a buffer of ``maximumLength`` bytes; returns the number written, or `nil` on failure.
    @unsafe
    func sign(_ message: UnsafeRawBufferPointer, into signature: UnsafeMutablePointer<UInt8>) -> Int? {
        guard key.isPrivate else { return nil }
        return unsafe withHash(of: message) { hash -> Int? in
            var count = maximumLength
            guard unsafe EVP_PKEY_sign(operation, signature, &count, hash, digest.length) == 1 else {
                ERR_clear_error()
                return nil
            }
            return count
        }
    }

    @unsafe
    private func withHash<Result>(
        of message: UnsafeRawBufferPointer,
        _ body: (UnsafeMutablePointer<UInt8>) -> Result?
    ) -> Result? {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { buffer in
            guard let base = buffer.baseAddress, let method = unsafe digest.method,
                unsafe EVP_DigestInit_ex2(hash, method, nil) == 1
                    && EVP_DigestUpdate(hash, message.baseAddress, message.count) == 1
                    && EVP_DigestFinal_ex(hash, base, nil) == 1
            else { return nil }
            return unsafe body(base)
        }
    }
}
