import COpenSSL

/// An asymmetric key in OpenSSL's form, parsed once and checked; freed, and with that wiped, with the last reference.
///
/// Immutable after `init`; OpenSSL guards the caches inside by its own locks, so that threads may share it.
@safe
final class ParsedKey: @unchecked Sendable {
    /// The least modulus of RSA in bits (RFC 7518 §3.3).
    static let minimumModulusBits: Int32 = 2048
    /// The largest modulus of RSA in bits, OpenSSL's own limit.
    static let maximumModulusBits: Int32 = 16384
    /// The largest public exponent of RSA in bits. Everybody uses 65537; a verification takes time in proportion.
    static let maximumExponentBits: Int32 = 32

    /// OpenSSL's `EVP_PKEY_PUBLIC_KEY`.
    static let publicSelection =
        OSSL_KEYMGMT_SELECT_PUBLIC_KEY | OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS | OSSL_KEYMGMT_SELECT_OTHER_PARAMETERS
    /// OpenSSL's `EVP_PKEY_KEYPAIR`.
    static let pairSelection = publicSelection | OSSL_KEYMGMT_SELECT_PRIVATE_KEY

    let type: KeyType
    let isPrivate: Bool
    private let pointer: OpaquePointer

    /// Takes over an `EVP_PKEY`, which is freed even when this throws.
    ///
    /// - Throws: ``KeyError`` for a type or curve that is not supported, and for weak parameters.
    @unsafe
    init(adopting pointer: OpaquePointer, isPrivate: Bool) throws(KeyError) {
        do {
            type = try unsafe Self.type(of: pointer)
        } catch {
            unsafe EVP_PKEY_free(pointer)
            throw error
        }
        unsafe self.pointer = pointer
        self.isPrivate = isPrivate
    }

    deinit {
        unsafe EVP_PKEY_free(pointer)
    }

    /// The `EVP_PKEY`, which must not outlive this object.
    @unsafe
    func withPointer<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        unsafe body(pointer)
    }

    /// The algorithms the key can serve. A key with restricted PSS parameters serves those OpenSSL takes it for.
    var algorithms: AlgorithmMask {
        guard type == .rsaPSS else { return type.mask }
        let fitting = type.algorithms.filter { algorithm in
            algorithm.digest.flatMap { PrehashedContext(self, $0, .pss) } != nil
        }
        ERR_clear_error()
        return AlgorithmMask(fitting)
    }

    /// The public part as a key of its own.
    func publicHalf() throws(KeyError) -> ParsedKey {
        var encoded: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_PUBKEY(pointer, &encoded)
        defer { unsafe CRYPTO_free(encoded, nil, 0) }
        var start = unsafe UnsafePointer(encoded)
        guard count > 0, let copy = unsafe d2i_PUBKEY(nil, &start, Int(count)) else {
            ERR_clear_error()
            throw .unavailable
        }
        return try unsafe ParsedKey(adopting: copy, isPrivate: false)
    }

    /// A number among the key's parameters, as big-endian bytes padded to `length`, or as short as possible when `nil`.
    func number(_ name: String, length: Int? = nil) -> [UInt8]? {
        var number: OpaquePointer?
        guard unsafe EVP_PKEY_get_bn_param(pointer, name, &number) == 1, let number = unsafe number else {
            ERR_clear_error()
            return nil
        }
        defer { unsafe BN_clear_free(number) }
        let count = unsafe length ?? (Int(BN_num_bits(number)) + 7) / 8
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe BN_bn2binpad(number, &bytes, Int32(count)) == Int32(count) else { return nil }
        return bytes
    }

    /// The public part of an Edwards key.
    func rawPublicKey() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 64)
        var count = bytes.count
        guard unsafe EVP_PKEY_get_raw_public_key(pointer, &bytes, &count) == 1 else {
            ERR_clear_error()
            return nil
        }
        return Array(bytes[..<count])
    }

    /// The private part of an Edwards key; the caller's to wipe.
    func rawPrivateKey() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 64)
        defer { KeyDecoder.wipe(&bytes) }
        var count = bytes.count
        guard unsafe EVP_PKEY_get_raw_private_key(pointer, &bytes, &count) == 1 else {
            ERR_clear_error()
            return nil
        }
        return Array(bytes[..<count])
    }

    private static func type(of key: OpaquePointer) throws(KeyError) -> KeyType {
        if unsafe EVP_PKEY_is_a(key, "RSA") == 1 {
            try unsafe checkRSA(key)
            return .rsa
        }
        if unsafe EVP_PKEY_is_a(key, "RSA-PSS") == 1 {
            try unsafe checkRSA(key)
            return .rsaPSS
        }
        if unsafe EVP_PKEY_is_a(key, "EC") == 1 { return try unsafe curve(of: key) }
        if unsafe EVP_PKEY_is_a(key, "ED25519") == 1 { return .ed25519 }
        throw KeyError(.unsupported, "only RSA, EC (P-256, P-384, P-521) and Ed25519 keys are supported")
    }

    private static func curve(of key: OpaquePointer) throws(KeyError) -> KeyType {
        var isExplicit: Int32 = 0
        if unsafe EVP_PKEY_get_int_param(key, "decoded-from-explicit", &isExplicit) != 1 { ERR_clear_error() }
        guard isExplicit == 0 else {
            throw KeyError(.unsupported, "EC keys must name their curve; explicit parameters are not supported")
        }
        let name = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 80) { buffer -> String? in
            guard let base = buffer.baseAddress else { return nil }
            guard unsafe EVP_PKEY_get_utf8_string_param(key, "group", base, buffer.count, nil) == 1 else { return nil }
            return unsafe String(cString: base)
        }
        for type in [KeyType.p256, .p384, .p521] where type.curveName?.description == name { return type }
        ERR_clear_error()
        throw KeyError(.unsupported, "only the curves P-256, P-384 and P-521 are supported")
    }

    private static func checkRSA(_ key: OpaquePointer) throws(KeyError) {
        let bits = unsafe EVP_PKEY_get_bits(key)
        guard bits >= minimumModulusBits else {
            throw KeyError(.weak, "the RSA key has \(bits) bits; at least \(minimumModulusBits) are required")
        }
        guard bits <= maximumModulusBits else {
            throw KeyError(.unsupported, "the RSA key has \(bits) bits; at most \(maximumModulusBits) are supported")
        }
        var modulus: OpaquePointer?
        var exponent: OpaquePointer?
        defer {
            unsafe BN_free(modulus)
            unsafe BN_free(exponent)
        }
        guard
            unsafe EVP_PKEY_get_bn_param(key, "n", &modulus) == 1
                && EVP_PKEY_get_bn_param(key, "e", &exponent) == 1
        else {
            ERR_clear_error()
            throw KeyError(.malformed, "the RSA key has no modulus or public exponent")
        }
        guard unsafe BN_is_odd(modulus) == 1 else { throw KeyError(.weak, "the RSA key's modulus is even") }
        let exponentBits = unsafe BN_num_bits(exponent)
        guard unsafe BN_is_odd(exponent) == 1, exponentBits > 1 else {
            throw KeyError(.weak, "the RSA key's public exponent must be odd and greater than 1")
        }
        guard exponentBits <= maximumExponentBits else {
            throw KeyError(
                .weak,
                "the RSA key's public exponent has \(exponentBits) bits; at most \(maximumExponentBits) are accepted"
            )
        }
    }
}
