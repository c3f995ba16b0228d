import EventLoop
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The lines of standard input, blank ones left out, read as they are asked for by a thread that may block.
final class InputLines: Sendable {
    /// The longest line, bytes: 16 MiB. A longer one is taken for the end.
    static let lineLimit = 16 * 1024 * 1024

    private struct State {
        var bytes: [UInt8] = []
        var start = 0
        /// Up to here there is no line break.
        var searched = 0
        var isAtEnd = false
    }

    private let state = Mutex(State())

    /// The next line; nil at the end, or if the task is cancelled.
    func next() async -> String? {
        let (answers, answer) = AsyncStream.makeStream(of: String?.self)
        let isReading = BlockingThread.run(name: "input") {
            answer.yield(self.read())
            answer.finish()
        }
        guard isReading else { return nil }
        for await line in answers { return line }
        return nil
    }

    private func read() -> String? {
        state.withLock { state in
            while let line = Self.line(&state) {
                let isBlank = line.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
                if !isBlank { return String(decoding: line, as: UTF8.self) }
            }
            return nil
        }
    }

    private static func line(_ state: inout State) -> ArraySlice<UInt8>? {
        while true {
            if let end = state.bytes[state.searched...].firstIndex(of: 0x0A) {
                defer { (state.start, state.searched) = (end + 1, end + 1) }
                return state.bytes[state.start..<end]
            }
            state.bytes.removeFirst(state.start)
            state.start = 0
            state.searched = state.bytes.count
            guard !state.isAtEnd, state.bytes.count <= lineLimit else { return nil }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe Glibc.read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 {
                state.isAtEnd = true
                // The last line may have no line break.
                guard !state.bytes.isEmpty else { return nil }
                state.bytes.append(0x0A)
            } else {
                state.bytes.append(contentsOf: chunk[..<count])
            }
        }
    }
}
