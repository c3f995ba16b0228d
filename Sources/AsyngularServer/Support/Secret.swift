import ArgumentParser

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Reads a secret from a file.
enum Secret {
    /// The largest key file, bytes.
    static let limit = 64 * 1024

    /// The file's text without the line break at its end.
    ///
    /// - Throws: `ValidationError`, which names the file and never its contents.
    static func read(file path: String) throws -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ValidationError("cannot read the key file \(path)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw ValidationError("cannot read the key file \(path)") }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw ValidationError("the key file \(path) is too large") }
        }
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { throw ValidationError("the key file \(path) is empty") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ValidationError("the key file \(path) is not UTF-8 text")
        }
        return text
    }
}
