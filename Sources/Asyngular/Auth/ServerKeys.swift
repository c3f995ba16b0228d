import JSONWebToken
import SocketProtocol

/// Makes the server's keys from its options (contract §8).
enum ServerKeys {
    /// - Throws: `InvalidOptionsError` naming the option that is wrong.
    static func make(from options: AGServerOptions) throws(AGError) -> KeyStore.Keys {
        let keys =
            switch (options.authPrivateKey, options.authPublicKey) {
            case (nil, nil): try secret(options)
            case (let privateKey?, let publicKey?): try pair(privateKey, publicKey, options)
            case (_?, nil):
                throw .invalidOptions("The authPublicKey option must be specified together with authPrivateKey")
            case (nil, _?):
                throw .invalidOptions("The authPrivateKey option must be specified together with authPublicKey")
            }
        if let algorithm = options.authAlgorithm, !keys.signature.algorithms.contains(algorithm) {
            throw .invalidOptions("The authAlgorithm option \(algorithm.rawValue) does not fit the key")
        }
        let accepted = options.authVerifyAlgorithms ?? options.authAlgorithm.map { [$0] }
        let usable = keys.verification.keys.reduce(into: Set<Algorithm>()) { $0.formUnion($1.algorithms) }
        if let accepted, usable.isDisjoint(with: accepted) {
            throw .invalidOptions("The authVerifyAlgorithms option names no algorithm that fits the key")
        }
        return keys
    }

    private static func secret(_ options: AGServerOptions) throws(AGError) -> KeyStore.Keys {
        let text = options.authKey ?? randomSecret()
        do throws(KeyError) {
            try SharedSecret.check(Array(text.utf8))
        } catch {
            throw .invalidOptions("The authKey option: \(error.message)")
        }
        let signature = SigningKey.hmac(secret: Array(text.utf8))
        return KeyStore.Keys(signature: signature, verification: KeySet([signature.verificationKey]))
    }

    private static func pair(
        _ privateKey: String,
        _ publicKey: String,
        _ options: AGServerOptions
    ) throws(AGError) -> KeyStore.Keys {
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
        return KeyStore.Keys(signature: signature, verification: KeySet([verification]))
    }

    /// Upstream's default: 32 random bytes as hexadecimal text.
    private static func randomSecret() -> String {
        SecureRandom.bytes(32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
