#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A connection that speaks HTTP and reads answer by answer, by blocking.
final class HTTPConnection {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = try TestClient.connect(port: port)
        // Longer than any wait of a test: an answer that is missing fails the test instead of stopping it.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var size = receiveBuffer {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) throws {
        try TestClient.sendAll(descriptor, Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        try TestClient.sendAll(descriptor, bytes)
    }

    /// Closes this side's direction only.
    func halfClose() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Makes the end of this object a reset.
    func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    /// The next answer, framed by its `Content-Length`.
    ///
    /// - Parameter hasBody: false for the answer to `HEAD`.
    func answer(hasBody: Bool = true) throws -> HTTPAnswer {
        var end: Int?
        while true {
            end = buffer.indices.first { buffer[$0...].starts(with: "\r\n\r\n".utf8) }
            if end != nil { break }
            guard try fill() else { throw TestClient.Failure(message: "no answer: \(text)") }
        }
        let bodyStart = end! + 4
        let head = HTTPAnswer(String(decoding: buffer[..<bodyStart], as: UTF8.self))
        let length = hasBody ? head.headers["content-length"].flatMap { Int($0) } ?? 0 : 0
        while buffer.count < bodyStart + length {
            guard try fill() else { throw TestClient.Failure(message: "half an answer: \(text)") }
        }
        defer { buffer.removeFirst(bodyStart + length) }
        return HTTPAnswer(String(decoding: buffer[..<(bodyStart + length)], as: UTF8.self))
    }

    /// Sends a request that keeps the connection, and reads its answer.
    func exchange(
        _ method: String,
        _ path: String,
        more: [String] = [],
        body: String? = nil
    ) throws -> HTTPAnswer {
        try send(HTTPAnswer.plain(method, path, connection: nil, more: more, body: body))
        return try answer(hasBody: method != "HEAD")
    }

    /// What else arrives until the server closes.
    func rest() throws -> String {
        while try fill() {}
        return text
    }

    /// At least so many bytes, taken off.
    func bytes(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try fill() else { throw TestClient.Failure(message: "too few bytes: \(buffer.count)") }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    private var text: String { String(decoding: buffer, as: UTF8.self) }

    private func fill() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = unsafe read(descriptor, &chunk, chunk.count)
        if count < 0 {
            guard errno == ECONNRESET else { throw TestClient.Failure(message: "read: \(errno), have \(text)") }
            return false
        }
        buffer += chunk[..<count]
        return count > 0
    }
}
