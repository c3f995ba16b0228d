import CEventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Where a socket listens or is connected to.
public enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// A numeric IPv4 or IPv6 address, or `localhost` for 127.0.0.1. Port 0 lets the system choose when listening.
    case ip(host: String, port: Int)
    /// A Unix-domain socket; the path is empty for a peer without a name.
    case unix(path: String)

    /// `127.0.0.1:80`, `[::1]:80` or `unix:/path`.
    public var description: String {
        switch self {
        case .ip(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The host as the system understands it.
    static func numeric(_ host: String) -> String {
        host == "localhost" ? "127.0.0.1" : host
    }

    /// Asks the kernel for an address of a socket.
    init?(descriptor: CInt, peer: Bool) {
        var family: Int32 = 0
        var port: Int32 = 0
        let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer -> String? in
            guard let start = buffer.baseAddress,
                unsafe el_address_text(descriptor, peer, &family, start, buffer.count, &port) == 0
            else { return nil }
            return unsafe String(cString: start)
        }
        guard let text else { return nil }
        self = family == AF_UNIX ? .unix(path: text) : .ip(host: text, port: Int(port))
    }
}
