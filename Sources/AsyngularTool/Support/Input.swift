import ArgumentParser
import AsyngularClient

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What commands work on: arguments and files. Standard input is ``InputLines``.
enum Input {
    /// A JSON argument.
    static func json(_ text: String) throws -> JSONText {
        do throws(JSONError) {
            return try JSONText(validating: Array(text.utf8))
        } catch {
            throw ValidationError("this is not JSON (a string needs its quotation marks): \(error)")
        }
    }

    /// A file's text without the line break at its end, at most 64 KiB.
    static func text(ofFile path: String) throws -> String {
        let file = unsafe fopen(path, "re")
        guard let file = unsafe file else { throw ValidationError("cannot read \(path)") }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64 * 1024 + 1)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        guard count < bytes.count else { throw ValidationError("\(path) is too large") }
        let text = bytes[..<count].reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed()
        return String(decoding: text, as: UTF8.self)
    }
}
