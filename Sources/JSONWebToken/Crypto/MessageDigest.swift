import COpenSSL

/// A SHA-2 hash, with the OpenSSL method fetched once per process.
///
/// OpenSSL 3 looks a method up by name whenever it is not given a fetched one; that look-up costs more than hashing a
/// token.
enum MessageDigest: Sendable {
    case sha256
    case sha384
    case sha512

    /// The hash's length in bytes.
    var length: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The compression function's block in bytes, which is the length HMAC pads its key to (RFC 2104 §2).
    var blockLength: Int { self == .sha256 ? 64 : 128 }

    /// The fetched method; `nil` when the OpenSSL providers loaded do not offer the hash.
    @unsafe
    var method: OpaquePointer? {
        switch self {
        case .sha256: unsafe Self.fetched256
        case .sha384: unsafe Self.fetched384
        case .sha512: unsafe Self.fetched512
        }
    }

    private nonisolated(unsafe) static let fetched256 = unsafe EVP_MD_fetch(nil, "SHA256", nil)
    private nonisolated(unsafe) static let fetched384 = unsafe EVP_MD_fetch(nil, "SHA384", nil)
    private nonisolated(unsafe) static let fetched512 = unsafe EVP_MD_fetch(nil, "SHA512", nil)
}
