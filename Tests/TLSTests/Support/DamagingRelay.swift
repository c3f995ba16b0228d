import EventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Stands between two ends and changes the last byte of what the left one sends, when told to.
final class DamagingRelay: Sendable {
    let damagesLast = Locked(false)
    private let loop: EventLoop
    private let left: CInt
    private let right: CInt

    init(_ left: Endpoint, _ right: Endpoint, on loop: EventLoop) async throws {
        self.loop = loop
        let first = try socketPair()
        let second = try socketPair()
        self.left = first.0
        self.right = second.0
        await loop.run {
            loop.adopt(second.1, options: .patient, handler: right)
            loop.adopt(first.1, options: .patient, handler: left)
        }
    }

    deinit {
        close(left)
        close(right)
    }

    /// Passes bytes on until one side has ended.
    func run() async throws {
        while true {
            for (source, target) in [(left, right), (right, left)] {
                var buffer = [UInt8](repeating: 0, count: 65536)
                let count = unsafe recv(source, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count < 0, errno == EAGAIN { continue }
                guard count > 0 else {
                    shutdown(left, Int32(SHUT_RDWR))
                    shutdown(right, Int32(SHUT_RDWR))
                    return
                }
                if source == left, damagesLast.value { buffer[count - 1] ^= 1 }
                _ = unsafe send(target, buffer, count, Int32(MSG_NOSIGNAL))
            }
            await loop.run {}
            await Task.yield()
        }
    }
}
