import COpenSSLTLS

/// A version of the protocol. Older ones are not offered.
public struct TLSVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    let number: Int32

    /// TLS 1.2 (RFC 5246).
    public static let tls12 = Self(number: TLS1_2_VERSION)
    /// TLS 1.3 (RFC 8446).
    public static let tls13 = Self(number: TLS1_3_VERSION)

    /// Whether the first is the older one.
    /// - Parameters:
    ///   - first: A version.
    ///   - second: A version.
    public static func < (first: Self, second: Self) -> Bool { first.number < second.number }

    /// `TLS 1.2` or `TLS 1.3`.
    public var description: String {
        switch self {
        case .tls12: "TLS 1.2"
        case .tls13: "TLS 1.3"
        default: "TLS version \(number)"
        }
    }
}
