import StrictJSON

extension VerificationKey {
    /// A public key in PEM: SubjectPublicKeyInfo (`PUBLIC KEY`), PKCS#1 (`RSA PUBLIC KEY`), an X.509 certificate, or a
    /// private key, of which only the public part is kept.
    ///
    /// The first public key or certificate of the text counts, a private key only without one. A certificate is only a
    /// container here: neither its dates nor its signature are looked at, as in `jsonwebtoken`.
    ///
    /// - Parameters:
    ///   - text: the PEM text, at most 256 KiB.
    ///   - passphrase: decrypts an encrypted private key; `nil` by default. Nobody is ever asked for one.
    ///   - kid: the key's identifier, `nil` by default.
    ///   - algorithms: restricts the algorithms; `nil`, the default, allows all of the key's type (contract §8).
    /// - Throws: ``KeyError``, also for RSA keys of less than 2048 bits or with a bad exponent, for curves without a JWS
    ///   algorithm, and when none of `algorithms` fits.
    public static func pem(
        _ text: String,
        passphrase: String? = nil,
        kid: String? = nil,
        algorithms: Set<Algorithm>? = nil
    ) throws(KeyError) -> VerificationKey {
        var bytes = Array(text.utf8)
        var secret = passphrase.map { Array($0.utf8) }
        defer {
            KeyDecoder.wipe(&bytes)
            KeyDecoder.wipe(&secret)
        }
        let key = try KeyDecoder.key(pem: bytes, passphrase: secret, for: .verification)
        return VerificationKey(material: try KeyMaterial(key: key, algorithms: algorithms), keyID: kid)
    }

    /// A public key in DER: SubjectPublicKeyInfo, PKCS#1, an X.509 certificate, or a private key, of which only the public
    /// part is kept. Nothing may follow it.
    ///
    /// - Parameters: those of ``pem(_:passphrase:kid:algorithms:)``.
    /// - Throws: ``KeyError``.
    public static func der(
        _ bytes: [UInt8],
        passphrase: String? = nil,
        kid: String? = nil,
        algorithms: Set<Algorithm>? = nil
    ) throws(KeyError) -> VerificationKey {
        var secret = passphrase.map { Array($0.utf8) }
        defer { KeyDecoder.wipe(&secret) }
        let key = try KeyDecoder.key(der: bytes, passphrase: secret, for: .verification)
        return VerificationKey(material: try KeyMaterial(key: key, algorithms: algorithms), keyID: kid)
    }

    /// A JSON Web Key (RFC 7517) of type `oct`, `RSA`, `EC` or `OKP` (Ed25519); a private part is not looked at.
    ///
    /// `kid` is kept; `alg` restricts the algorithms to that one; `use` must be `sig` and `key_ops` contain `verify` where
    /// they are present.
    ///
    /// - Parameters:
    ///   - text: the JSON text, at most 64 KiB.
    ///   - algorithms: restricts the algorithms further.
    /// - Throws: ``KeyError``.
    public static func jwk(_ text: [UInt8], algorithms: Set<Algorithm>? = nil) throws(KeyError) -> VerificationKey {
        try make(JSONWebKey(parsing: text), algorithms)
    }

    /// A JSON Web Key that has been parsed; see ``jwk(_:algorithms:)-([UInt8],_)``.
    public static func jwk(_ object: JSONObject, algorithms: Set<Algorithm>? = nil) throws(KeyError) -> VerificationKey
    {
        try make(JSONWebKey(object), algorithms)
    }

    /// What the key is.
    public var type: KeyType { material.kind }

    /// The public key as a JWK with `use` and, where they are known, `kid` and `alg`; `nil` for a secret, which is not to be
    /// published, and for RSA keys restricted to PSS, which a JWK cannot express.
    public var jwk: JSONObject? {
        guard let key = material.key else { return nil }
        var object = JSONObject()
        switch type {
        case .secret, .rsaPSS: return nil
        case .rsa:
            guard let modulus = key.number("n"), let exponent = key.number("e") else { return nil }
            object["kty"] = "RSA"
            object["n"] = .string(Base64URL.encode(modulus))
            object["e"] = .string(Base64URL.encode(exponent))
        case .p256, .p384, .p521:
            let length = type.coordinateLength
            guard let x = key.number("qx", length: length), let y = key.number("qy", length: length) else { return nil }
            object["kty"] = "EC"
            object["crv"] = .string(type.rawValue)
            object["x"] = .string(Base64URL.encode(x))
            object["y"] = .string(Base64URL.encode(y))
        case .ed25519:
            guard let x = key.rawPublicKey() else { return nil }
            object["kty"] = "OKP"
            object["crv"] = .string(type.rawValue)
            object["x"] = .string(Base64URL.encode(x))
        }
        object["use"] = "sig"
        if let keyID { object["kid"] = .string(keyID) }
        if algorithms.count == 1, let algorithm = algorithms.first { object["alg"] = .string(algorithm.rawValue) }
        return object
    }

    private static func make(_ key: JSONWebKey, _ algorithms: Set<Algorithm>?) throws(KeyError) -> VerificationKey {
        VerificationKey(material: try key.material(for: .verification, algorithms), keyID: key.keyID)
    }
}
