import COpenSSL

extension SigningKey {
    /// The modulus of a generated RSA key in bits, unless told otherwise.
    public static let defaultModulusBits = 3072

    /// Makes a new key by OpenSSL's random generator.
    ///
    /// An HMAC secret is as long as the hash (RFC 7518 §3.2), an RSA exponent is 65537.
    ///
    /// - Parameters:
    ///   - algorithm: the only one the key may be used with.
    ///   - kid: the key's identifier, `nil` by default.
    ///   - modulusBits: of an RSA key, 2048 to 16384; 3072 by default, which takes up to a second.
    /// - Throws: ``KeyError``.
    public static func generate(
        _ algorithm: Algorithm,
        kid: String? = nil,
        modulusBits: Int = defaultModulusBits
    ) throws(KeyError) -> SigningKey {
        let pointer: OpaquePointer?
        switch algorithm.family {
        case .hmac: return try secret(algorithm, kid)
        case .rsaPKCS1, .rsaPSS:
            unsafe pointer = generate("RSA") {
                unsafe EVP_PKEY_CTX_set_rsa_keygen_bits($0, Int32(clamping: modulusBits))
            }
        case .ecdsa:
            let type: KeyType = algorithm == .ES256 ? .p256 : algorithm == .ES384 ? .p384 : .p521
            unsafe pointer = generate("EC") { unsafe EVP_PKEY_CTX_set_group_name($0, type.curveName?.description) }
        case .edwards: unsafe pointer = generate("ED25519") { _ in 1 }
        }
        guard let pointer = unsafe pointer else { throw .unavailable }
        let key = try unsafe ParsedKey(adopting: pointer, isPrivate: true)
        return SigningKey(material: try KeyMaterial(key: key, algorithms: [algorithm]), keyID: kid)
    }

    private static func secret(_ algorithm: Algorithm, _ kid: String?) throws(KeyError) -> SigningKey {
        var bytes = [UInt8](repeating: 0, count: algorithm.minimumSecretLength)
        defer { KeyDecoder.wipe(&bytes) }
        guard unsafe RAND_bytes(&bytes, Int32(bytes.count)) == 1 else { throw .unavailable }
        return .hmac(secret: bytes, kid: kid, algorithms: [algorithm])
    }

    @unsafe
    private static func generate(_ name: String, _ configure: (OpaquePointer) -> Int32) -> OpaquePointer? {
        defer { ERR_clear_error() }
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, name, nil) else { return nil }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard
            unsafe EVP_PKEY_keygen_init(context) == 1 && configure(context) == 1
                && EVP_PKEY_generate(context, &key) == 1
        else { return nil }
        return unsafe key
    }
}
