/// Which authorities a peer's certificate may come from.
public enum TLSTrust: Sendable, Hashable {
    /// Those of the system: OpenSSL's default file and folder, which the environment variables `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR` replace.
    case system
    /// These alone, each an anchor of trust, whether it signed itself or not.
    case only(PEMSource)
    /// These and the system's.
    case systemAnd(PEMSource)

    var source: PEMSource? {
        switch self {
        case .system: nil
        case .only(let source), .systemAnd(let source): source
        }
    }

    var includesSystem: Bool {
        if case .only = self { false } else { true }
    }
}
