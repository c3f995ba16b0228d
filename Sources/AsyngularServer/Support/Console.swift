#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Lines to the terminal, written at once: whoever waits for the ready line must not wait for a full buffer.
enum Console {
    static func line(_ text: String) { write(text, to: STDOUT_FILENO) }

    static func errorLine(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array((text + "\n").utf8)
        unsafe bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = unsafe Glibc.write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
                guard count > 0 else { return }
                sent += count
            }
        }
    }
}
