import StrictJSON

/// The verification keys of a JWK Set (RFC 7517 §5).
///
/// Keys that are not understood, not meant for signatures or not safe are left out, as the RFC has it, and reported; a set
/// that is no set at all is an error.
public struct JSONWebKeySet: Sendable {
    /// How much is read.
    public struct Limits: Sendable, Hashable {
        /// The longest text looked at, in bytes; 512 KiB by default.
        public var maximumLength = 512 * 1024
        /// The most keys; 128 by default. A token without `kid` is tried against every key that fits it.
        public var maximumKeys = 128

        /// The default limits.
        public init() {}
    }

    /// A key that was left out.
    public struct Skipped: Sendable, Hashable {
        /// Its position in the set's `keys`.
        public let index: Int
        /// Why it is not used.
        public let error: KeyError
    }

    /// The keys that can be used, in the order given.
    public let keys: [VerificationKey]
    /// The keys left out.
    public let skipped: [Skipped]

    /// Reads a JWK Set.
    ///
    /// - Parameters:
    ///   - text: the JSON text.
    ///   - allowsSecrets: whether `oct` keys are taken. False by default: a set fetched from somewhere is public, and a
    ///     public secret lets everybody sign.
    ///   - limits: how much is read.
    /// - Throws: ``KeyError/Code/tooLarge``, or ``KeyError/Code/malformed`` when it is not a JSON object with an array `keys`.
    public init(
        parsing text: [UInt8],
        allowsSecrets: Bool = false,
        limits: Limits = Limits()
    ) throws(KeyError) {
        let members = try Self.members(of: text, limits)
        var keys: [VerificationKey] = []
        var skipped: [Skipped] = []
        for (index, member) in members.enumerated() {
            do throws(KeyError) {
                keys.append(try Self.key(member, allowsSecrets))
            } catch {
                skipped.append(Skipped(index: index, error: error))
            }
        }
        self.keys = keys
        self.skipped = skipped
    }

    /// The set's `keys`, not looked at yet.
    static func members(of text: [UInt8], _ limits: Limits) throws(KeyError) -> [JSONValue] {
        guard text.count <= limits.maximumLength else {
            throw KeyError(.tooLarge, "the JWK Set is longer than \(limits.maximumLength) bytes")
        }
        let value: JSONValue
        do {
            value = try JSONValue(
                parsing: text,
                maximumDepth: JSONWebKey.maximumDepth + 2,
                duplicates: .refuse
            )
        } catch {
            throw KeyError(.malformed, "the JWK Set is not JSON, or names a member twice")
        }
        guard let members = value["keys"]?.arrayValue else {
            throw KeyError(.malformed, "the JWK Set has no array \"keys\"")
        }
        guard members.count <= limits.maximumKeys else {
            throw KeyError(.tooLarge, "the JWK Set has more than \(limits.maximumKeys) keys")
        }
        return members
    }

    private static func key(_ member: JSONValue, _ allowsSecrets: Bool) throws(KeyError) -> VerificationKey {
        guard let object = member.objectValue else { throw KeyError(.malformed, "the JWK is not a JSON object") }
        let key = try JSONWebKey(object)
        guard allowsSecrets || !key.isSecret else {
            throw KeyError(.notPermitted, "the JWK is a shared secret, which this set may not contain")
        }
        return VerificationKey(material: try key.material(for: .verification, nil), keyID: key.keyID)
    }
}

extension KeySet {
    /// The usable keys of a JWK Set; see ``JSONWebKeySet`` for what is left out and for limits.
    ///
    /// - Throws: ``KeyError``; ``KeyError/Code/noKey`` when no key can be used.
    public init(jwkSet text: [UInt8], allowsSecrets: Bool = false) throws(KeyError) {
        let set = try JSONWebKeySet(parsing: text, allowsSecrets: allowsSecrets)
        guard !set.keys.isEmpty else { throw KeyError(.noKey, "the JWK Set has no usable key") }
        self.init(set.keys)
    }
}

extension SigningKey {
    /// The key of a JWK Set that signs: the first with a private part, or secret, that `use` and `key_ops` allow to sign.
    ///
    /// - Parameters:
    ///   - text: the JSON text. Wiping it is the caller's business.
    ///   - keyID: the `kid` of the key wanted, if it is not to be the first.
    ///   - limits: how much is read.
    /// - Returns: nil without `keyID` when no key can sign: then the set is one to verify with.
    /// - Throws: ``KeyError`` when the text is no set, when the key that should sign is broken or weak, and
    ///   ``KeyError/Code/noKey`` when there is none with that `kid`.
    public static func jwkSet(
        _ text: [UInt8],
        keyID: String? = nil,
        limits: JSONWebKeySet.Limits = JSONWebKeySet.Limits()
    ) throws(KeyError) -> SigningKey? {
        for member in try JSONWebKeySet.members(of: text, limits) {
            guard let object = member.objectValue else { continue }
            if let keyID {
                guard object["kid"] == .string(keyID) else { continue }
                return try .jwk(object)
            }
            guard object["kty"] == "oct" || object.contains("d") else { continue }
            do throws(KeyError) {
                return try .jwk(object)
            } catch {
                // Another key may be meant to sign; but one that is broken should not go unnoticed.
                guard error.code == .notPermitted || error.code == .unsupported else { throw error }
            }
        }
        guard keyID == nil else { throw KeyError(.noKey, "the JWK Set has no key with the kid that should sign") }
        return nil
    }
}
