import Testing
import WebSocket

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A WebSocket client on a blocking socket of its own, that does nothing by itself: what the server sends comes out of
/// ``next()`` in order, and pings are answered only when a test does.
///
/// It reads on a thread of its own, so that a waiting test occupies no thread of the concurrency pool.
final class TestClient: Sendable {
    enum Frame: Sendable, Equatable {
        case text(String)
        case binary([UInt8])
        case pong([UInt8])
        case ping([UInt8])
        case close(code: UInt16?, reason: String)
        /// The connection is gone.
        case end
    }

    struct Failure: Error {
        let message: String
    }

    /// The head of the server's answer to the upgrade.
    let responseHead: String
    private let peer: Descriptor
    private var descriptor: Int32 { peer.number }
    private let frames: AsyncStream<Frame>

    /// Closes the socket when neither the test nor the reading thread needs it: until then its number is not given to
    /// another test's.
    private final class Descriptor: Sendable {
        let number: Int32

        init(_ number: Int32) {
            self.number = number
        }

        deinit {
            _ = Glibc.close(number)
        }
    }

    /// Connects and upgrades.
    ///
    /// - Parameters:
    ///   - behind: bytes sent in the same segment as the upgrade request.
    ///   - pong: what the reading thread answers each `ping` with, if given: at once, however busy the tests are.
    init(
        port: Int,
        path: String = "/socketcluster/",
        headers: [String] = [],
        behind: [UInt8] = [],
        ping: String = "",
        pong: String? = nil
    ) throws {
        let peer = Descriptor(try Self.connect(port: port))
        self.peer = peer
        let request =
            ([
                "GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            ] + headers).joined(separator: "\r\n") + "\r\n\r\n"
        try Self.sendAll(peer.number, Array(request.utf8) + behind)
        let (head, first) = try Self.readHead(peer.number)
        responseHead = head
        let (stream, continuation) = AsyncStream<Frame>.makeStream()
        frames = stream
        guard head.hasPrefix("HTTP/1.1 101") else {
            continuation.finish()
            return
        }
        Self.thread {
            var rest = first
            var parser = WebSocketParser(role: .client)
            var chunk = [UInt8](repeating: 0, count: 65536)
            while true {
                if !rest.isEmpty {
                    for frame in Self.parse(&parser, &rest) {
                        if let pong, frame == .text(ping) {
                            try? Self.sendAll(peer.number, Self.frame(.text, Array(pong.utf8)))
                        }
                        continuation.yield(frame)
                    }
                }
                let count = unsafe read(peer.number, &chunk, chunk.count)
                guard count > 0 else { break }
                rest = Array(chunk[..<count])
            }
            continuation.yield(.end)
            continuation.finish()
        }
    }

    deinit {
        drop()
    }

    // MARK: Receiving

    /// The next frame; ``Frame/end`` once the connection is gone.
    func next() async -> Frame {
        for await frame in frames { return frame }
        return .end
    }

    /// The next frame's text. Anything else is a failure.
    func text() async throws -> String {
        let frame = await next()
        guard case .text(let text) = frame else { throw Failure(message: "expected text, got \(frame)") }
        return text
    }

    /// Skips to the close frame.
    func close() async -> Frame {
        while true {
            let frame = await next()
            switch frame {
            case .close, .end: return frame
            default: continue
            }
        }
    }

    /// Checks that the next frames are these texts.
    func expect(_ texts: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for expected in texts { #expect(try await text() == expected, sourceLocation: sourceLocation) }
    }

    /// Checks that nothing was sent to this client: the next frame is the answer to a question asked now.
    func expectNothing(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try send(#"{"event":"echo","data":"nothing?","cid":987654}"#)
        try await expect(#"{"rid":987654,"data":"nothing?"}"#, sourceLocation: sourceLocation)
    }

    /// Checks that the server sends a close frame next, answers it, and checks that the connection then ends.
    func expectClose(
        _ code: UInt16,
        reason: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(await next() == .close(code: code, reason: reason), sourceLocation: sourceLocation)
        try? sendClose(code)
        #expect(await next() == .end, sourceLocation: sourceLocation)
    }

    // MARK: Sending

    func send(_ text: String) throws {
        try Self.sendAll(descriptor, Self.frame(.text, Array(text.utf8)))
    }

    /// Sends several messages in one write, so that the server most likely receives them together.
    func send(together texts: String...) throws {
        try Self.sendAll(descriptor, texts.flatMap { Self.frame(.text, Array($0.utf8)) })
    }

    func send(_ opcode: Opcode, _ payload: [UInt8], fin: Bool = true) throws {
        try Self.sendAll(descriptor, Self.frame(opcode, payload, fin: fin))
    }

    func sendRaw(_ bytes: [UInt8]) throws {
        try Self.sendAll(descriptor, bytes)
    }

    func sendClose(_ code: UInt16) throws {
        try send(.close, [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)])
    }

    /// Closes this side's direction only.
    func halfClose() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Vanishes: both directions, without a close frame.
    func drop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// A masked client frame.
    static func frame(_ opcode: Opcode, _ payload: [UInt8], fin: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = [(fin ? 0x80 : 0) | opcode.rawValue]
        switch payload.count {
        case ..<126: bytes.append(0x80 | UInt8(payload.count))
        case ..<65536: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(truncatingIfNeeded: payload.count)]
        default:
            bytes.append(0x80 | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        bytes += mask
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index % 4]) }
        return bytes
    }

    // MARK: The socket

    static func connect(port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            _ = Glibc.close(descriptor)
            throw Failure(message: "cannot connect: \(errno)")
        }
        var on: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    /// Sends a plain HTTP request and reads the answer until the server closes.
    static func http(port: Int, _ request: String) throws -> String {
        let descriptor = try connect(port: port)
        defer { _ = Glibc.close(descriptor) }
        try sendAll(descriptor, Array(request.utf8))
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            answer += chunk[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }

    static func sendAll(_ descriptor: Int32, _ bytes: [UInt8]) throws {
        try unsafe bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = unsafe Glibc.send(
                    descriptor,
                    bytes.baseAddress! + sent,
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
                guard count > 0 else { throw Failure(message: "cannot send: \(errno)") }
                sent += count
            }
        }
    }

    static func readHead(_ descriptor: Int32) throws -> (String, [UInt8]) {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            if let end = bytes.indices.first(where: { bytes[$0...].starts(with: "\r\n\r\n".utf8) }) {
                return (String(decoding: bytes[..<end], as: UTF8.self), Array(bytes[(end + 4)...]))
            }
            let count = unsafe read(descriptor, &chunk, chunk.count)
            guard count > 0 else { throw Failure(message: "no answer to the upgrade") }
            bytes += chunk[..<count]
        }
    }

    private static func parse(_ parser: inout WebSocketParser, _ input: inout [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var position = 0
        do {
            while true {
                var span = input.mutableSpan
                var bytes = unsafe span.mutableBytes
                guard let event = try parser.next(&bytes, at: &position) else { break }
                func payload(_ payload: WebSocketParser.Payload) -> [UInt8] {
                    switch payload {
                    case .inPlace(let range): Array(input[range])
                    case .assembled: parser.takeAssembled()
                    }
                }
                switch event {
                case .message(.text, let bytes, _):
                    frames.append(.text(String(decoding: payload(bytes), as: UTF8.self)))
                case .message(.binary, let bytes, _): frames.append(.binary(payload(bytes)))
                case .ping(let bytes): frames.append(.ping(payload(bytes)))
                case .pong(let bytes): frames.append(.pong(payload(bytes)))
                case .close(let code, let reason):
                    frames.append(.close(code: code, reason: String(decoding: payload(reason), as: UTF8.self)))
                }
            }
        } catch {
            frames.append(.close(code: nil, reason: "the server broke the protocol: \(error)"))
        }
        input = []
        return frames
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(Box(body)).toOpaque()
        unsafe pthread_create(
            &thread,
            nil,
            { context in
                unsafe Unmanaged<Box>.fromOpaque(context!).takeRetainedValue().body()
                return nil
            },
            context
        )
        pthread_detach(thread)
    }
}
