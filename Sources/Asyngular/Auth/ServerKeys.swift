import JSONWebToken
import SocketProtocol

/// Makes the server's keys from its options (contract §8).
enum ServerKeys {
    /// - Throws: `InvalidOptionsError` naming the option that is wrong.
    static func make(from options: AGServerOptions) throws(AGError) -> AGKeyRing {
        if let ring = options.authKeys {
            try refuse(options, beside: "authKeys", andSource: true)
            if let problem = problem(with: ring, options) { throw .invalidOptions("The authKeys option: \(problem)") }
            return ring
        }
        if let source = options.authKeySource {
            try refuse(options, beside: "authKeySource", andSource: false)
            return try initialKeys(of: source, options)
        }
        let keys =
            switch (options.authPrivateKey, options.authPublicKey) {
            case (nil, nil): try secret(options)
            case (let privateKey?, let publicKey?): try pair(privateKey, publicKey, options)
            case (_?, nil):
                throw .invalidOptions("The authPublicKey option must be specified together with authPrivateKey")
            case (nil, _?):
                throw .invalidOptions("The authPrivateKey option must be specified together with authPublicKey")
            }
        if let algorithm = options.authAlgorithm, keys.signature?.algorithms.contains(algorithm) != true {
            throw .invalidOptions("The authAlgorithm option \(algorithm.rawValue) does not fit the key")
        }
        guard acceptsSomething(keys.verification, options) else {
            throw .invalidOptions("The authVerifyAlgorithms option names no algorithm that fits the key")
        }
        return keys
    }

    /// What is wrong with keys that are to be put into force.
    ///
    /// - Returns: nil if they are fine: every algorithm fits, and what the signing key signs is accepted.
    static func problem(with ring: AGKeyRing, _ options: AGServerOptions) -> String? {
        guard ring.signature != nil || !ring.verification.isEmpty || ring.verification.isPending else {
            return "there is no key"
        }
        guard ring.verification.isPending || acceptsSomething(ring.verification, options) else {
            return "no key fits the algorithms that authAlgorithm and authVerifyAlgorithms accept"
        }
        guard let signature = ring.signature else { return nil }
        let algorithm = ring.signatureAlgorithm(options.authAlgorithm)
        guard signature.algorithms.contains(algorithm) else {
            return "the signing key cannot be used with \(algorithm.rawValue)"
        }
        guard !ring.verification.isPending else { return nil }
        do {
            let signing = SigningOptions(algorithm: algorithm, expiresIn: nil)
            let token = try TokenSigner().sign([:], key: signature, options: signing, now: 0)
            _ = try TokenVerifier().verify(Array(token.utf8), keys: ring.verification, now: 0)
        } catch {
            return "the verification keys do not accept what the signing key signs"
        }
        return nil
    }

    private static func acceptsSomething(_ keys: KeySet, _ options: AGServerOptions) -> Bool {
        guard let accepted = options.authVerifyAlgorithms ?? options.authAlgorithm.map({ [$0] }) else { return true }
        return keys.keys.contains { !$0.algorithms.isDisjoint(with: accepted) }
    }

    /// Keys come from one place: nobody should wonder which of two is in force.
    private static func refuse(
        _ options: AGServerOptions,
        beside name: String,
        andSource: Bool
    ) throws(AGError) {
        var others: [(String, Bool)] = [
            ("authKey", options.authKey != nil), ("authPrivateKey", options.authPrivateKey != nil),
            ("authPublicKey", options.authPublicKey != nil),
        ]
        if andSource { others.append(("authKeySource", options.authKeySource != nil)) }
        if let other = others.first(where: \.1) {
            throw .invalidOptions("The \(other.0) option cannot be combined with \(name)")
        }
    }

    private static func initialKeys(
        of source: any AGKeySource,
        _ options: AGServerOptions
    ) throws(AGError) -> AGKeyRing {
        let ring: AGKeyRing?
        do throws(KeyError) {
            ring = try source.initialKeys()
        } catch {
            throw .invalidOptions("The authKeySource option: \(error.message)")
        }
        guard let ring else { return AGKeyRing(signature: nil, verification: .pending) }
        if let problem = problem(with: ring, options) { throw .invalidOptions("The authKeySource option: \(problem)") }
        return ring
    }

    private static func secret(_ options: AGServerOptions) throws(AGError) -> AGKeyRing {
        let text = options.authKey ?? randomSecret()
        do throws(KeyError) {
            try SharedSecret.check(Array(text.utf8))
        } catch {
            throw .invalidOptions("The authKey option: \(error.message)")
        }
        return upstream(AGKeyRing(signature: .hmac(secret: Array(text.utf8))))
    }

    private static func pair(
        _ privateKey: String,
        _ publicKey: String,
        _ options: AGServerOptions
    ) throws(AGError) -> AGKeyRing {
        let signature: SigningKey
        do throws(KeyError) {
            signature = try .pem(privateKey, passphrase: options.authPrivateKeyPassphrase)
        } catch {
            throw .invalidOptions("The authPrivateKey option: \(error.message)")
        }
        let verification: VerificationKey
        do throws(KeyError) {
            verification = try .pem(publicKey)
        } catch {
            throw .invalidOptions("The authPublicKey option: \(error.message)")
        }
        guard signature.type == verification.type, signature.verificationKey.jwk == verification.jwk else {
            throw .invalidOptions("The authPublicKey option does not belong to authPrivateKey")
        }
        return upstream(AGKeyRing(signature: signature, verification: [verification]))
    }

    private static func upstream(_ ring: AGKeyRing) -> AGKeyRing {
        var ring = ring
        ring.signsByOwnAlgorithm = false
        return ring
    }

    /// Upstream's default: 32 random bytes as hexadecimal text.
    private static func randomSecret() -> String {
        SecureRandom.bytes(32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
