import StrictJSON

extension SigningKey {
    /// A private key in PEM: PKCS#8 (`PRIVATE KEY`, `ENCRYPTED PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC 1
    /// (`EC PRIVATE KEY`). The first private key of the text counts.
    ///
    /// The key is tried with one signature. The text is the caller's to wipe.
    ///
    /// - Parameters:
    ///   - text: the PEM text, at most 256 KiB.
    ///   - passphrase: decrypts an encrypted key; `nil` by default. Nobody is ever asked for one.
    ///   - kid: the key's identifier, `nil` by default.
    ///   - algorithms: restricts the algorithms; `nil`, the default, allows all of the key's type (contract §8).
    /// - Throws: ``KeyError``, also for RSA keys of less than 2048 bits or with a bad exponent, for curves without a JWS
    ///   algorithm, and when none of `algorithms` fits.
    public static func pem(
        _ text: String,
        passphrase: String? = nil,
        kid: String? = nil,
        algorithms: Set<Algorithm>? = nil
    ) throws(KeyError) -> SigningKey {
        var bytes = Array(text.utf8)
        var secret = passphrase.map { Array($0.utf8) }
        defer {
            KeyDecoder.wipe(&bytes)
            KeyDecoder.wipe(&secret)
        }
        return try make(KeyDecoder.key(pem: bytes, passphrase: secret, for: .signing), kid, algorithms)
    }

    /// A private key in DER: PKCS#8, encrypted or not, PKCS#1 or SEC 1. Nothing may follow it.
    ///
    /// - Parameters: those of ``pem(_:passphrase:kid:algorithms:)``.
    /// - Throws: ``KeyError``.
    public static func der(
        _ bytes: [UInt8],
        passphrase: String? = nil,
        kid: String? = nil,
        algorithms: Set<Algorithm>? = nil
    ) throws(KeyError) -> SigningKey {
        var secret = passphrase.map { Array($0.utf8) }
        defer { KeyDecoder.wipe(&secret) }
        return try make(KeyDecoder.key(der: bytes, passphrase: secret, for: .signing), kid, algorithms)
    }

    /// A JSON Web Key (RFC 7517) of type `oct`, `RSA`, `EC` or `OKP` (Ed25519) with its private part.
    ///
    /// `kid` is kept; `alg` restricts the algorithms to that one; `use` must be `sig` and `key_ops` contain `sign` where
    /// they are present. What is decoded from the JSON is wiped; its text is the caller's.
    ///
    /// - Parameters:
    ///   - text: the JSON text, at most 64 KiB.
    ///   - algorithms: restricts the algorithms further.
    /// - Throws: ``KeyError``.
    public static func jwk(_ text: [UInt8], algorithms: Set<Algorithm>? = nil) throws(KeyError) -> SigningKey {
        try make(JSONWebKey(parsing: text), algorithms)
    }

    /// A JSON Web Key that has been parsed; see ``jwk(_:algorithms:)-([UInt8],_)``.
    public static func jwk(_ object: JSONObject, algorithms: Set<Algorithm>? = nil) throws(KeyError) -> SigningKey {
        try make(JSONWebKey(object), algorithms)
    }

    /// What the key is.
    public var type: KeyType { material.kind }

    private static func make(_ key: JSONWebKey, _ algorithms: Set<Algorithm>?) throws(KeyError) -> SigningKey {
        let material = try key.material(for: .signing, algorithms)
        try material.checkPair()
        return SigningKey(material: material, keyID: key.keyID)
    }

    private static func make(
        _ key: ParsedKey,
        _ kid: String?,
        _ algorithms: Set<Algorithm>?
    ) throws(KeyError) -> SigningKey {
        let material = try KeyMaterial(key: key, algorithms: algorithms)
        try material.checkPair()
        return SigningKey(material: material, keyID: kid)
    }
}
