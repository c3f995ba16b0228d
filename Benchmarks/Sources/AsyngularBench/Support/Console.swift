import CBenchSupport

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Progress on standard error, results on standard output.
enum Console {
    private static let isTerminal = bench_is_terminal(STDERR_FILENO)

    /// Shows what is being done: in place on a terminal, else a line each.
    static func progress(_ text: String) {
        write(isTerminal ? "\r\u{1B}[K\(text)" : "\(text)\n", to: STDERR_FILENO)
    }

    /// Clears the progress line.
    static func progressEnded() {
        if isTerminal { write("\r\u{1B}[K", to: STDERR_FILENO) }
    }

    static func output(_ text: String) { write(text, to: STDOUT_FILENO) }

    static func error(_ text: String) { write("\(text)\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
