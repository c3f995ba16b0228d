import ArgumentParser

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What a subcommand works on: its argument, or standard input when there is none or it is `-`.
enum TokenInput {
    /// The most that is read from standard input, bytes.
    static let limit = 1 << 20

    /// The input without blanks and line breaks around it.
    static func read(_ argument: String?) throws -> [UInt8] {
        let bytes: [UInt8]
        if let argument, argument != "-" {
            bytes = Array(argument.utf8)
        } else {
            bytes = try readStandardInput()
        }
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let end = bytes.lastIndex(where: { !isBlank($0) }) else { return [] }
        return Array(bytes[...end].drop(while: isBlank))
    }

    private static func readStandardInput() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe Glibc.read(STDIN_FILENO, &chunk, chunk.count)
            guard count >= 0 else { throw ValidationError("cannot read standard input") }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw ValidationError("standard input is longer than \(limit) bytes") }
        }
    }
}
