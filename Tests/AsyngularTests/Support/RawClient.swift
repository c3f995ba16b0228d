#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A bare TCP connection, read by blocking.
final class RawClient: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = try TestClient.connect(port: port)
    }

    deinit {
        close(descriptor)
    }

    func send(_ bytes: [UInt8]) throws {
        try TestClient.sendAll(descriptor, bytes)
    }

    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func readHead() throws -> String {
        try TestClient.readHead(descriptor).0
    }

    /// Closes this side's direction only.
    func halfClose() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Everything until the server closes.
    func readAll() -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}
