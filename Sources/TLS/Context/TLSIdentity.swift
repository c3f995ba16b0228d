/// A certificate with its private key, to show to the peer.
public struct TLSIdentity: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The certificate, then those that lead from it to an authority that the peer trusts.
    public var certificates: PEMSource
    /// The certificate's private key. May be the same source as ``certificates``.
    public var privateKey: PEMSource
    /// What the private key is encrypted with; nil if it is not.
    public var passphrase: String?

    /// Names a certificate and its key.
    /// - Parameters:
    ///   - certificates: The certificate, then the chain.
    ///   - privateKey: The certificate's private key.
    ///   - passphrase: What the private key is encrypted with; nil if it is not.
    public init(certificates: PEMSource, privateKey: PEMSource, passphrase: String? = nil) {
        self.certificates = certificates
        self.privateKey = privateKey
        self.passphrase = passphrase
    }

    /// Where the certificate and the key are; nothing of the key or the passphrase.
    public var description: String { "certificate from \(certificates), key from \(privateKey)" }

    /// As ``description``.
    public var debugDescription: String { description }

    /// Shows neither the key nor the passphrase.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
