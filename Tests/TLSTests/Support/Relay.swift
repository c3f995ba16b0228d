import EventLoop
import Foundation

/// Stands between two ends on one loop and decides in which pieces bytes arrive, on a thread of its own.
final class Relay: @unchecked Sendable {
    private let left: CInt
    private let right: CInt
    private var rest: Int
    private let size: () -> Int
    private let isDone = EventQueue<Void>()

    /// Connects both ends with the relay, which passes everything on until both sides have ended, each piece only when the
    /// one before has been read.
    /// - Parameters:
    ///   - limit: The most bytes to pass on from the left side; then it seems to end.
    ///   - size: The size of the next piece.
    init(
        _ left: Endpoint,
        _ right: Endpoint,
        on loop: EventLoop,
        limit: Int = .max,
        size: @escaping @Sendable () -> Int
    ) async throws {
        let first = try socketPair()
        let second = try socketPair()
        self.left = first.0
        self.right = second.0
        rest = limit
        self.size = size
        await loop.run {
            loop.adopt(second.1, options: .patient, handler: right)
            loop.adopt(first.1, options: .patient, handler: left)
        }
        Thread.detachNewThread {
            self.run()
            self.isDone.append(())
        }
    }

    deinit {
        close(left)
        close(right)
    }

    func end() async { await isDone.next() }

    private func run() {
        var isOpen = (left: true, right: true)
        while isOpen.left || isOpen.right {
            waitForInput(isOpen)
            if isOpen.left {
                let count = pass(min(size(), rest), from: left, to: right)
                if count > 0 { rest -= count }
                if count == 0 || rest == 0 {
                    isOpen.left = false
                    shutdown(right, Int32(SHUT_WR))
                }
            }
            if isOpen.right, pass(size(), from: right, to: left) == 0 {
                isOpen.right = false
                shutdown(left, Int32(SHUT_WR))
            }
        }
    }

    /// Passes one piece on. Returns its size, 0 at the end, -1 if there is nothing at present.
    private func pass(_ size: Int, from source: CInt, to target: CInt) -> Int {
        var buffer = [UInt8](repeating: 0, count: size)
        let count = unsafe recv(source, &buffer, size, Int32(MSG_DONTWAIT))
        guard count > 0 else { return count < 0 && errno == EAGAIN ? -1 : 0 }
        var sent = 0
        while sent < count {
            let result = unsafe buffer[sent..<count].withUnsafeBytes {
                unsafe send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if result > 0 { sent += result } else if errno == EAGAIN { sched_yield() } else { return 0 }
        }
        var unread: Int32 = 1
        while unsafe ioctl(target, UInt(TIOCOUTQ), &unread) == 0, unread > 0 { sched_yield() }
        return count
    }

    private func waitForInput(_ isOpen: (left: Bool, right: Bool)) {
        var descriptors = [
            pollfd(fd: isOpen.left ? left : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isOpen.right ? right : -1, events: Int16(POLLIN), revents: 0),
        ]
        _ = unsafe poll(&descriptors, 2, -1)
    }
}
