import JSONWebToken
import StrictJSON

extension AGKeyRing {
    /// The keys of a JWK Set (RFC 7517 §5) that may contain private keys and secrets: the server's own set.
    ///
    /// Every usable key verifies. The first with a private part (or secret) that its `use` and `key_ops` allow to sign signs;
    /// without one the ring only verifies. A secret that is only to verify any more has `"key_ops":["verify"]`.
    ///
    /// - Parameters:
    ///   - text: the JSON text, at most 512 KiB with at most 128 keys. Wiping it is the caller's business.
    ///   - signingKeyID: the `kid` of the key that signs, if it is not to be the first.
    /// - Throws: `KeyError` when the text is no set or has no usable key, or when the key that should sign is not usable.
    public init(jwkSet text: [UInt8], signingKeyID: String? = nil) throws(KeyError) {
        let set = try JSONWebKeySet(parsing: text, allowsSecrets: true)
        let signature = try SigningKey.jwkSet(text, keyID: signingKeyID)
        guard !set.keys.isEmpty || signature != nil else { throw KeyError(.noKey, "the JWK Set has no usable key") }
        self.init(signature: signature, verification: set.keys)
    }
}
