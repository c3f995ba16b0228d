import StrictJSON

/// Checks on texts and bytes that are about to be used as an HMAC secret.
public enum SharedSecret {
    /// Refuses a secret that is a key of another kind.
    ///
    /// A stock server takes a PEM text as an asymmetric key (contract §8). Taken as a secret, a public one lets everybody
    /// sign tokens (RFC 8725 §2.1).
    ///
    /// - Throws: ``KeyError/Code/notASecret`` for a PEM text, a JWK or JWK Set, or a public key of SSH; ``KeyError/Code/noKey`` for nothing.
    public static func check(_ secret: [UInt8]) throws(KeyError) {
        guard !secret.isEmpty else { throw KeyError(.noKey, "the secret is empty") }
        guard !PEMBlock.hasBegin(secret) else {
            throw KeyError(
                .notASecret,
                "the secret is a PEM text, which is a key or a certificate and no shared secret"
            )
        }
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let isObject = secret.first(where: { !isBlank($0) }) == UInt8(ascii: "{")
        let members = isObject ? (try? JSONValue(parsing: secret))?.objectValue : nil
        guard members.map({ $0.contains("kty") || $0.contains("keys") }) != true else {
            throw KeyError(.notASecret, "the secret is a JWK or JWK Set, which holds keys and is no shared secret")
        }
        let prefixes = ["ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2-"]
        guard !prefixes.contains(where: { secret.starts(with: $0.utf8) }) else {
            throw KeyError(.notASecret, "the secret is an SSH public key and no shared secret")
        }
    }
}
