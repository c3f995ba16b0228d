#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A client on a blocking socket: small frames, one at a time.
struct ProbePeer: ~Copyable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw ProbeFailure(message: "cannot connect: \(errno)") }
        var on: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let request = """
            GET /socketcluster/ HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nUpgrade: websocket\r\nConnection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n
            """
        try sendRaw(Array(request.utf8))
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) { head += try read(1) }
    }

    deinit {
        close(descriptor)
    }

    borrowing func handshake(token: String) throws {
        try send(##"{"event":"#handshake","data":{"authToken":"\##(token)"},"cid":1}"##)
        let answer = try receive()
        guard answer.contains(#""isAuthenticated":true"#) else { throw ProbeFailure(message: answer) }
    }

    borrowing func send(_ text: String) throws {
        try sendRaw(Self.frame(text))
    }

    borrowing func sendRaw(_ bytes: [UInt8]) throws {
        let sent = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
        guard sent == bytes.count else { throw ProbeFailure(message: "cannot send: \(errno)") }
    }

    /// The next text message. Pings are skipped: the probe is done long before the pong is missed.
    borrowing func receive() throws -> String {
        while true {
            let head = try read(2)
            var length = Int(head[1] & 0x7F)
            if length == 126 {
                let extended = try read(2)
                length = Int(extended[0]) << 8 | Int(extended[1])
            }
            if length > 0 { return String(decoding: try read(length), as: UTF8.self) }
        }
    }

    private borrowing func read(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress! + filled, count - filled, 0)
            }
            guard got > 0 else { throw ProbeFailure(message: "the server closed") }
            filled += got
        }
        return bytes
    }

    /// A masked text frame of less than 64 KiB.
    static func frame(_ text: String) -> [UInt8] {
        let payload = Array(text.utf8)
        var bytes: [UInt8] = [0x81]
        if payload.count < 126 {
            bytes.append(0x80 | UInt8(payload.count))
        } else {
            bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(truncatingIfNeeded: payload.count)]
        }
        let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        bytes += mask
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index % 4]) }
        return bytes
    }
}
