/// Checks on texts and bytes that are about to be used as an HMAC secret.
public enum SharedSecret {
    /// Refuses a secret that is a key of another kind.
    ///
    /// A stock server takes a PEM text as an asymmetric key (contract §8). Taken as a secret, a public one lets everybody
    /// sign tokens (RFC 8725 §2.1).
    ///
    /// - Throws: ``KeyError/Code/notASecret`` for a PEM text or a public key of SSH; ``KeyError/Code/noKey`` for nothing.
    public static func check(_ secret: [UInt8]) throws(KeyError) {
        guard !secret.isEmpty else { throw KeyError(.noKey, "the secret is empty") }
        guard !PEMBlock.hasBegin(secret) else {
            throw KeyError(
                .notASecret,
                "the secret is a PEM text, which is a key or a certificate and no shared secret"
            )
        }
        let prefixes = ["ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2-"]
        guard !prefixes.contains(where: { secret.starts(with: $0.utf8) }) else {
            throw KeyError(.notASecret, "the secret is an SSH public key and no shared secret")
        }
    }
}
