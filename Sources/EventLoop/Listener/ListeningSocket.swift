import CEventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Opens the descriptors a listener needs. Blocking calls only in the sense of file system look-ups.
enum ListeningSocket {
    /// One descriptor per loop, all at the same address.
    static func open(
        _ address: SocketAddress,
        count: Int,
        backlog: Int32,
        noDelay: Bool
    ) throws(EventLoopError) -> (descriptors: [CInt], address: SocketAddress) {
        switch address {
        case .ip(let host, let port):
            try openTCP(SocketAddress.numeric(host), port: port, count: count, backlog: backlog, noDelay: noDelay)
        case .unix(let path):
            try openUnix(path, count: count, backlog: backlog)
        }
    }

    private static func openTCP(
        _ host: String,
        port: Int,
        count: Int,
        backlog: Int32,
        noDelay: Bool
    ) throws(EventLoopError) -> (descriptors: [CInt], address: SocketAddress) {
        var descriptors: [CInt] = []
        var resolved = SocketAddress.ip(host: host, port: port)
        for index in 0..<count {
            guard case .ip(_, let port) = resolved else { break }
            let descriptor = unsafe el_listen_tcp(
                host,
                Int32(clamping: port),
                backlog,
                noDelay,
                count > 1,
                index == 0
            )
            guard descriptor >= 0 else {
                for descriptor in descriptors { el_close(descriptor) }
                throw EventLoopError(errno: -descriptor, operation: "listen on \(resolved)")
            }
            descriptors.append(descriptor)
            // The port the system chose is the others' port.
            if index == 0 { resolved = SocketAddress(descriptor: descriptor, peer: false) ?? resolved }
        }
        return (descriptors, resolved)
    }

    private static func openUnix(
        _ path: String,
        count: Int,
        backlog: Int32
    ) throws(EventLoopError) -> (descriptors: [CInt], address: SocketAddress) {
        let address = SocketAddress.unix(path: path)
        guard !path.utf8.contains(0) else {
            throw EventLoopError(code: .invalidAddress, errno: EINVAL, operation: "listen on a path with a zero byte")
        }
        let length = path.utf8.count
        var descriptor = unsafe el_listen_unix(path, length, backlog)
        if descriptor == -EADDRINUSE, unsafe el_path_is_socket(path), unsafe !el_unix_is_alive(path, length) {
            // Left over from a process that did not remove it.
            unsafe unlink(path)
            descriptor = unsafe el_listen_unix(path, length, backlog)
        }
        guard descriptor >= 0 else { throw EventLoopError(errno: -descriptor, operation: "listen on \(address)") }
        var descriptors = [descriptor]
        while descriptors.count < count {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else {
                let error = errno
                for descriptor in descriptors { el_close(descriptor) }
                unsafe unlink(path)
                throw EventLoopError(errno: error, operation: "listen on \(address)")
            }
            descriptors.append(copy)
        }
        return (descriptors, address)
    }
}
