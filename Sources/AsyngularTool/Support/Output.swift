import AsyngularClient

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Lines to the terminal, written at once: whoever reads them must not wait for a full buffer.
enum Output {
    /// One JSON value on standard output.
    static func line(_ json: JSONText?) {
        write((json?.bytes ?? Array("null".utf8)).map(oneLine), to: STDOUT_FILENO)
    }

    static func line(_ value: JSONValue) { line(JSONText(value)) }

    /// Something for people on standard error.
    static func error(_ text: String) {
        write(Array(text.utf8), to: STDERR_FILENO)
    }

    /// JSON has line breaks only where blanks may be.
    private static func oneLine(_ byte: UInt8) -> UInt8 {
        byte == 0x0A || byte == 0x0D ? 0x20 : byte
    }

    private static func write(_ text: [UInt8], to descriptor: Int32) {
        let bytes = text + [0x0A]
        unsafe bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = unsafe Glibc.write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
                // Whoever was reading has read enough: `head`, for one.
                guard count > 0 else { exit(0) }
                sent += count
            }
        }
    }
}
