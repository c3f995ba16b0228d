import EventLoop
import WebSocket

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A listening socket of a server that does what the test says, step by step. Each call gives up after ten seconds.
final class ListeningPeer: @unchecked Sendable {
    let descriptor: CInt
    let address: SocketAddress

    var port: UInt16 {
        guard case .ip(_, let port) = address else { return 0 }
        return UInt16(port)
    }

    /// - Parameter backlog: nil does not listen, so that connections are refused.
    init(host: String = "127.0.0.1", backlog: Int32? = 100) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = unsafe inet_addr(host)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let status = unsafe withUnsafeMutablePointer(to: &name) { name in
            unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard status, backlog == nil || listen(descriptor, backlog ?? 0) == 0 else { throw Peer.Failure(errno: errno) }
        address = .ip(host: host, port: Int(UInt16(bigEndian: name.sin_port)))
    }

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let descriptor = descriptor
        let status = unsafe withUnsafePointer(to: &name) { name in
            unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0, listen(descriptor, 100) == 0 else { throw Peer.Failure(errno: errno) }
        address = .unix(path: path)
    }

    /// A listener that answers nobody any more: its backlog is full.
    static func unanswering() throws -> (listener: ListeningPeer, fillers: [Peer]) {
        let listener = try ListeningPeer(backlog: 0)
        return (listener, [try Peer(listener.address)])
    }

    deinit {
        close(descriptor)
    }

    func accept() throws -> Peer {
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { throw Peer.Failure(errno: errno) }
        return Peer(descriptor: accepted)
    }

    /// Accepts a connection and opens a WebSocket on it.
    func acceptWebSocket(_ fields: String...) throws -> Peer {
        let peer = try accept()
        let head = try peer.receiveHead()
        try peer.send(Peer.acceptance(of: head, fields))
        return peer
    }
}

extension Peer {
    /// A head up to its blank line, byte by byte so that nothing behind it is taken.
    func receiveHead() throws -> String {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
            let more = try receive(atMost: 1)
            guard !more.isEmpty else { throw Failure(errno: ENOTCONN) }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of a field in a head.
    static func field(_ name: String, in head: String) -> String? {
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
        return line.map { String($0.dropFirst(name.count + 2)) }
    }

    /// The response that opens a WebSocket.
    static func acceptance(of head: String, _ fields: [String] = []) -> String {
        let key = field("Sec-WebSocket-Key", in: head) ?? ""
        let lines =
            [
                "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Accept: \(WebSocketUpgrade.acceptValue(forKey: key))",
            ] + fields
        return lines.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    func send(frame opcode: Opcode, _ text: String, fin: Bool = true) throws {
        try send(FrameWriter.frame(opcode, fin: fin, payload: Array(text.utf8)))
    }

    /// A frame of a client, which must be masked; its mask and its payload, unmasked.
    func receiveFrame() throws -> Frame {
        let head = try receive(exactly: 2)
        guard head.count == 2, head[1] & 0x80 != 0 else { throw Failure(errno: EPROTO) }
        var length = Int(head[1] & 0x7F)
        if length >= 126 {
            let bytes = try receive(exactly: length == 126 ? 2 : 8)
            length = bytes.reduce(0) { $0 << 8 | Int($1) }
        }
        let mask = try receive(exactly: 4)
        let payload = try receive(exactly: length)
        let plain = payload.enumerated().map { $1 ^ mask[$0 & 3] }
        return Frame(first: head[0], mask: mask, payload: plain)
    }

    struct Frame {
        var first: UInt8
        var mask: [UInt8]
        var payload: [UInt8]

        var text: String { String(decoding: payload, as: UTF8.self) }
        /// Of a close frame.
        var code: UInt16? { payload.count < 2 ? nil : UInt16(payload[0]) << 8 | UInt16(payload[1]) }
    }
}
