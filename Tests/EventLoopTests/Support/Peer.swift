import EventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A blocking socket, so that what the loop does is seen from outside by code that shares nothing with it. Each call
/// gives up after ten seconds.
final class Peer: @unchecked Sendable {
    let descriptor: CInt

    init(descriptor: CInt) {
        self.descriptor = descriptor
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }

    convenience init(_ address: SocketAddress, receiveBuffer: Int32? = nil) throws {
        switch address {
        case .ip: self.init(descriptor: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        case .unix: self.init(descriptor: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
        }
        if var size = receiveBuffer {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        try connect(to: address)
    }

    func connect(to address: SocketAddress) throws {
        switch address {
        case .ip(let host, let port):
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = in_port_t(port).bigEndian
            target.sin_addr.s_addr = unsafe inet_addr(host)
            try connect(to: &target)
        case .unix(let path):
            var target = sockaddr_un()
            target.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &target.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
            try connect(to: &target)
        }
    }

    private func connect<Address>(to target: inout Address) throws {
        let size = socklen_t(MemoryLayout<Address>.size)
        try check(
            unsafe withUnsafePointer(to: &target) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(descriptor, $0, size)
                }
            }
        )
    }

    deinit {
        close()
    }

    private var isClosed = false

    struct Failure: Error, Equatable {
        var errno: Int32
    }

    @discardableResult
    private func check(_ result: Int) throws -> Int {
        guard result >= 0 else { throw Failure(errno: errno) }
        return result
    }

    @discardableResult
    private func check(_ result: Int32) throws -> Int {
        try check(Int(result))
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            sent += try check(
                unsafe bytes.withUnsafeBytes {
                    unsafe Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
            )
        }
    }

    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    /// What has arrived, at least one byte; empty at the end of the stream.
    func receive(atMost count: Int = 65536) throws -> [UInt8] {
        try unsafe Array(unsafeUninitializedCapacity: count) { buffer, used in
            used = try check(unsafe recv(descriptor, buffer.baseAddress, count, 0))
        }
    }

    func receive(exactly count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try receive(atMost: count - bytes.count)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    func receiveToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = try receive(atMost: 1 << 18)
            if more.isEmpty { return bytes }
            bytes += more
        }
    }

    /// Ends this side only.
    func endOutput() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        _ = Glibc.close(descriptor)
    }

    /// Closes with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}
