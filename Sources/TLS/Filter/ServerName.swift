import COpenSSLTLS

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The name or address of the server that a client means.
enum ServerName: Hashable {
    /// A host name, without the dot at the end.
    case host(String)
    /// An IPv4 or IPv6 address.
    case address(String)

    /// Reads a name as it stands in a URL or in the configuration.
    /// - Parameter text: A host name in ASCII, or an address; one of IPv6 may be in brackets and may have a zone.
    init(_ text: String) throws(TLSError) {
        if let address = Self.address(in: text) {
            self = .address(address)
            return
        }
        var name = Substring(text)
        if name.utf8.last == UInt8(ascii: ".") { name.removeLast() }
        // RFC 1035 §2.3.4. Anything else would be a different name for OpenSSL, which reads to the first zero.
        let isPossible = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard isPossible, (1...253).contains(name.utf8.count), name.utf8.first != UInt8(ascii: ".") else {
            throw TLSError(.invalidServerName, "the server's name is not a host name in ASCII or an address")
        }
        self = .host(name.lowercased())
    }

    /// What tickets are kept under.
    var text: String {
        switch self {
        case .host(let name): name
        case .address(let address): address
        }
    }

    /// Tells the server the name (RFC 6066 §3 allows no address) and has its certificate checked for it.
    /// - Parameters:
    ///   - ssl: The connection.
    ///   - isChecked: Whether the certificate has to be for the name.
    /// - Returns: Whether OpenSSL did as told.
    @unsafe
    func apply(to ssl: OpaquePointer, checking isChecked: Bool) -> Bool {
        switch self {
        case .host(let name):
            guard unsafe tls_set_server_name(ssl, name) == 1 else { return false }
            guard isChecked else { return true }
            unsafe SSL_set_hostflags(
                ssl,
                UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
            )
            return unsafe SSL_set1_host(ssl, name) == 1
        case .address(let address):
            guard isChecked else { return true }
            return unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address) == 1
        }
    }

    private static func address(in text: String) -> String? {
        var address = Substring(text)
        if address.utf8.first == UInt8(ascii: "["), address.utf8.last == UInt8(ascii: "]") {
            address = address.dropFirst().dropLast()
        }
        if let zone = address.firstIndex(of: "%"), address.utf8.contains(UInt8(ascii: ":")) {
            address = address[..<zone]
        }
        guard !address.utf8.contains(0) else { return nil }
        let candidate = String(address)
        let isAddress = unsafe withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { room in
            unsafe inet_pton(AF_INET, candidate, room.baseAddress) == 1
                || inet_pton(AF_INET6, candidate, room.baseAddress) == 1
        }
        return isAddress ? candidate : nil
    }
}
