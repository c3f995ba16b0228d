import StrictJSON

extension SigningKey {
    /// The key **with its private part** or secret as a JWK, for a key file: whoever reads it can sign. With `use`, and with
    /// `kid` and `alg` where they are known; `nil` for RSA keys restricted to PSS, which a JWK cannot express.
    ///
    /// ``VerificationKey/jwk`` is the one to publish.
    public var privateJWK: JSONObject? {
        guard let key = material.key else { return secretJWK }
        guard var object = verificationKey.jwk else { return nil }
        for (name, parameter) in privateNumbers {
            guard let bytes = key.number(parameter, length: name == "d" ? privateLength : nil) else { return nil }
            object[name] = .string(Base64URL.encode(bytes))
        }
        if type == .ed25519 {
            guard let bytes = key.rawPrivateKey() else { return nil }
            object["d"] = .string(Base64URL.encode(bytes))
        }
        return object
    }

    private var secretJWK: JSONObject? {
        let bytes = unsafe material.withSecret { unsafe Array($0) }
        var object: JSONObject = ["kty": "oct", "k": .string(Base64URL.encode(bytes)), "use": "sig"]
        if let keyID { object["kid"] = .string(keyID) }
        if algorithms.count == 1, let algorithm = algorithms.first { object["alg"] = .string(algorithm.rawValue) }
        return object
    }

    /// RFC 7518 §6.2.2.1: a curve's private number has the length of its coordinates.
    private var privateLength: Int? { type.coordinateLength > 0 ? type.coordinateLength : nil }

    /// The members of the JWK and OpenSSL's names for them (RFC 7518 §6.2.2, §6.3.2).
    private var privateNumbers: [(String, String)] {
        switch type {
        case .p256, .p384, .p521: [("d", "priv")]
        case .rsa:
            [
                ("d", "d"), ("p", "rsa-factor1"), ("q", "rsa-factor2"), ("dp", "rsa-exponent1"),
                ("dq", "rsa-exponent2"), ("qi", "rsa-coefficient1"),
            ]
        default: []
        }
    }
}
