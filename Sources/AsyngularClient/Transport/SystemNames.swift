import EventLoop

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The system's own answers to where a host is.
enum SystemNames {
    /// The address that a host is written as; nil for a name.
    static func numeric(_ host: String, port: UInt16) -> SocketAddress? {
        var address = in6_addr()
        let text = String(host.prefix { $0 != "%" })
        let isNumeric = unsafe text.withCString {
            unsafe inet_pton(AF_INET6, $0, &address) == 1 || inet_pton(AF_INET, $0, &address) == 1
        }
        return isNumeric ? .ip(host: host, port: Int(port)) : nil
    }

    /// The addresses of a name in the system's order of preference (RFC 6724). Blocks.
    static func lookUp(_ host: String, port: UInt16) -> NameResolver.Answer {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, nil, &hints, &found)
        guard status == 0 else {
            let text = unsafe gai_strerror(status).map { unsafe String(cString: $0) } ?? "error \(status)"
            return .failure(DialError(.nameNotResolved, "The host \(host) was not found: \(text)"))
        }
        defer { unsafe freeaddrinfo(found) }
        var addresses: [SocketAddress] = []
        var next = unsafe found
        while let entry = unsafe next, addresses.count < NameResolver.maximumAddresses {
            if let text = unsafe numericText(entry.pointee) {
                let address = SocketAddress.ip(host: text, port: Int(port))
                if !addresses.contains(address) { addresses.append(address) }
            }
            unsafe next = entry.pointee.ai_next
        }
        guard addresses.isEmpty else { return .success(addresses) }
        return .failure(DialError(.nameNotResolved, "The host \(host) has no address"))
    }

    private static func numericText(_ entry: addrinfo) -> String? {
        guard unsafe entry.ai_family == AF_INET || entry.ai_family == AF_INET6 else { return nil }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
            guard let start = buffer.baseAddress,
                unsafe getnameinfo(
                    entry.ai_addr,
                    entry.ai_addrlen,
                    start,
                    socklen_t(buffer.count),
                    nil,
                    0,
                    NI_NUMERICHOST
                ) == 0
            else { return nil }
            return unsafe String(cString: start)
        }
    }
}
