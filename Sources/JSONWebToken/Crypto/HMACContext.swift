import COpenSSL

/// HMAC (RFC 2104) of one key and hash, ready to be computed any number of times.
///
/// The hash states after the inner and the outer pad are kept and copied per message, which is the cheapest of the ways
/// OpenSSL 3.0 offers through EVP: no method look-up and no key schedule per message. Not thread-safe.
@safe
final class HMACContext {
    /// The length of the authentication code in bytes.
    let length: Int

    private let inner: OpaquePointer
    private let outer: OpaquePointer
    private let work: OpaquePointer

    /// Absorbs the key; `nil` when OpenSSL fails (out of memory, or the hash is not offered).
    init?(secret: UnsafeRawBufferPointer, digest: MessageDigest) {
        length = digest.length
        guard let inner = unsafe EVP_MD_CTX_new() else { return nil }
        guard let outer = unsafe EVP_MD_CTX_new() else {
            unsafe EVP_MD_CTX_free(inner)
            return nil
        }
        guard let work = unsafe EVP_MD_CTX_new() else {
            unsafe EVP_MD_CTX_free(inner)
            unsafe EVP_MD_CTX_free(outer)
            return nil
        }
        unsafe self.inner = inner
        unsafe self.outer = outer
        unsafe self.work = work
        guard unsafe absorb(secret, digest) else { return nil }
    }

    deinit {
        // Freeing also wipes: OpenSSL clears a digest's state before it returns the memory.
        unsafe EVP_MD_CTX_free(inner)
        unsafe EVP_MD_CTX_free(outer)
        unsafe EVP_MD_CTX_free(work)
    }

    /// Computes the code of `message` into `code`, which holds at least ``length`` bytes.
    @unsafe
    func authenticate(_ message: UnsafeRawBufferPointer, into code: UnsafeMutablePointer<UInt8>) -> Bool {
        unsafe EVP_MD_CTX_copy_ex(work, inner) == 1
            && EVP_DigestUpdate(work, message.baseAddress, message.count) == 1
            && EVP_DigestFinal_ex(work, code, nil) == 1
            && EVP_MD_CTX_copy_ex(work, outer) == 1
            && EVP_DigestUpdate(work, code, length) == 1
            && EVP_DigestFinal_ex(work, code, nil) == 1
    }

    /// Compares `signature` with the code of `message` in a time that does not depend on where they differ; `nil` when
    /// OpenSSL fails.
    @unsafe
    func isValid(signature: UnsafeRawBufferPointer, over message: UnsafeRawBufferPointer) -> Bool? {
        guard signature.count == length, let given = signature.baseAddress else { return false }
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { code in
            guard let computed = code.baseAddress, unsafe authenticate(message, into: computed) else { return nil }
            return unsafe CRYPTO_memcmp(computed, given, length) == 0
        }
    }

    @unsafe
    private func absorb(_ secret: UnsafeRawBufferPointer, _ digest: MessageDigest) -> Bool {
        guard let method = unsafe digest.method else { return false }
        let block = digest.blockLength
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { pad in
            guard let base = pad.baseAddress else { return false }
            defer { unsafe OPENSSL_cleanse(base, 128) }
            unsafe pad.initialize(repeating: 0)
            if secret.count > block {
                guard
                    unsafe EVP_DigestInit_ex2(work, method, nil) == 1
                        && EVP_DigestUpdate(work, secret.baseAddress, secret.count) == 1
                        && EVP_DigestFinal_ex(work, base, nil) == 1
                else { return false }
            } else {
                for index in 0..<secret.count { unsafe pad[index] = secret[index] }
            }
            for index in 0..<block { unsafe pad[index] ^= 0x36 }
            guard
                unsafe EVP_DigestInit_ex2(inner, method, nil) == 1
                    && EVP_DigestUpdate(inner, base, block) == 1
            else { return false }
            for index in 0..<block { unsafe pad[index] ^= 0x36 ^ 0x5C }
            return unsafe EVP_DigestInit_ex2(outer, method, nil) == 1
                && EVP_DigestUpdate(outer, base, block) == 1
        }
    }
}
