import COpenSSL

/// Ed25519 signatures of one key (RFC 8032, RFC 8037 §3.1).
///
/// A context that has been initialised with the key is kept and copied for each message, as one may be used only once.
/// Not thread-safe.
@safe
final class EdwardsContext {
    /// The only length a signature has, in bytes.
    static let length = 64

    /// Keeps the key alive, though OpenSSL counts references of its own.
    private let key: ParsedKey
    private let template: OpaquePointer
    private let work: OpaquePointer

    /// Prepares a private key for signing or a public one for verifying; `nil` when OpenSSL fails.
    init?(_ key: ParsedKey) {
        guard key.type == .ed25519, let template = unsafe EVP_MD_CTX_new() else { return nil }
        guard let work = unsafe EVP_MD_CTX_new() else {
            unsafe EVP_MD_CTX_free(template)
            return nil
        }
        unsafe self.template = template
        unsafe self.work = work
        self.key = key
        let isReady = unsafe key.withPointer { pointer in
            unsafe key.isPrivate
                ? EVP_DigestSignInit_ex(template, nil, nil, nil, nil, pointer, nil)
                : EVP_DigestVerifyInit_ex(template, nil, nil, nil, nil, pointer, nil)
        }
        guard isReady == 1 else {
            ERR_clear_error()
            return nil
        }
    }

    deinit {
        unsafe EVP_MD_CTX_free(template)
        unsafe EVP_MD_CTX_free(work)
    }

    /// Whether `signature` was made over `message`; `nil` when OpenSSL fails.
    @unsafe
    func isValid(signature: UnsafeRawBufferPointer, over message: UnsafeRawBufferPointer) -> Bool? {
        guard signature.count == Self.length else { return false }
        guard !key.isPrivate, unsafe EVP_MD_CTX_copy_ex(work, template) == 1 else { return nil }
        let result = unsafe EVP_DigestVerify(
            work,
            signature.baseAddress?.assumingMemoryBound(to: UInt8.self),
            signature.count,
            message.baseAddress?.assumingMemoryBound(to: UInt8.self),
            message.count
        )
        guard result != 1 else { return true }
        // What a bad signature leaves in the thread's queue must not be taken for somebody else's error.
        ERR_clear_error()
        return result == 0 ? false : nil
    }

    /// Signs into a buffer of ``length`` bytes; returns that number, or `nil` on failure.
    @unsafe
    func sign(_ message: UnsafeRawBufferPointer, into signature: UnsafeMutablePointer<UInt8>) -> Int? {
        guard key.isPrivate, unsafe EVP_MD_CTX_copy_ex(work, template) == 1 else { return nil }
        var count = Self.length
        let input = unsafe message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard unsafe EVP_DigestSign(work, signature, &count, input, message.count) == 1, count == Self.length else {
            ERR_clear_error()
            return nil
        }
        return count
    }
}
