import JSONWebToken

/// The keys of a server at one time: one that signs and those that verify.
///
/// A ring is a value. Replacing a server's ring by another (``AGServer/replaceKeys(_:)``) is how keys rotate: the new ring
/// signs with the new key and still verifies with the old one, until the last token of the old key has expired.
///
/// ```swift
/// let new = try SigningKey.pem(text, kid: "2026-12")
/// try server.replaceKeys(signature: new, verification: server.verificationKey.keys + [new.verificationKey])
/// ```
///
/// Keys that take part in a rotation need identifiers (`kid`): a token then says which of them it was signed with, and a
/// token of a retired key is refused without trying the others. Rings are never printed with their keys.
public struct AGKeyRing: Sendable, CustomStringConvertible {
    /// Signs tokens; its `kid`, if it has one, goes into their headers. Nil for a server that only verifies: its
    /// ``AGServerSocket/setAuthToken(_:options:)`` fails like every failure to sign, with close 4002 (contract §9.4).
    public var signature: SigningKey? {
        didSet { ownAlgorithm = signature?.firstAlgorithm }
    }
    /// Verifies tokens. See `KeySet` for which key a token finds.
    public var verification: KeySet

    /// The algorithm the signing key is for: RFC 7518's first that it allows.
    private(set) var ownAlgorithm: Algorithm?
    /// False for the options of upstream, where HS256 signs whatever the key unless `authAlgorithm` is set (contract §8).
    var signsByOwnAlgorithm = true

    /// A ring of keys.
    ///
    /// - Parameters:
    ///   - signature: signs tokens, by ``AGServerOptions/authAlgorithm`` or else by the first algorithm it allows (RS256 for
    ///     an RSA key that is not restricted). Nil for a server that only verifies.
    ///   - verification: verify tokens. Unset: the signing key's own counterpart.
    public init(signature: SigningKey?, verification: [VerificationKey]? = nil) {
        let keys = verification ?? signature.map { [$0.verificationKey] } ?? []
        self.init(signature: signature, verification: KeySet(keys))
    }

    /// A ring of keys; see ``init(signature:verification:)-(_,[VerificationKey]?)``.
    public init(signature: SigningKey?, verification: KeySet) {
        self.signature = signature
        self.verification = verification
        ownAlgorithm = signature?.firstAlgorithm
    }

    /// The algorithm to sign with.
    func signatureAlgorithm(_ authAlgorithm: Algorithm?) -> Algorithm {
        authAlgorithm ?? (signsByOwnAlgorithm ? ownAlgorithm : nil) ?? .HS256
    }

    /// Names the signing key's identifier and the number of keys.
    public var description: String {
        "AGKeyRing(signature: \(signature.map(\.description) ?? "none"), verification: \(verification))"
    }
}

extension SigningKey {
    fileprivate var firstAlgorithm: Algorithm? { Algorithm.allCases.first(where: algorithms.contains) }
}
