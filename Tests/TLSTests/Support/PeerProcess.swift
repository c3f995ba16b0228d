import Foundation

/// A program that is given lines and gives lines, until this object goes away.
final class PeerProcess: Sendable {
    /// Every line of its output, then nil.
    let lines = EventQueue<String?>()
    private let child: ChildProcess
    private let input: FileHandle

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let input = Pipe()
        let output = Pipe()
        // Only for the child, and only its copies: the pipe ends when it does.
        for handle in [input.fileHandleForWriting, output.fileHandleForReading] {
            _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        child = try ChildProcess.start(
            URL(fileURLWithPath: "/usr/bin/env"),
            arguments,
            environment: environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 },
            input: input.fileHandleForReading.fileDescriptor,
            output: output.fileHandleForWriting.fileDescriptor,
            errors: output.fileHandleForWriting.fileDescriptor
        )
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        self.input = input.fileHandleForWriting
        let lines = lines
        let reader = output.fileHandleForReading
        Thread.detachNewThread {
            var rest = Data()
            while true {
                let data = reader.availableData
                if data.isEmpty { break }
                rest += data
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    lines.append(String(decoding: rest[..<end], as: UTF8.self))
                    rest = rest[(end + 1)...]
                }
            }
            if !rest.isEmpty { lines.append(String(decoding: rest, as: UTF8.self)) }
            lines.append(nil)
        }
    }

    deinit {
        child.signal(SIGKILL)
    }

    func send(_ text: String) throws {
        try input.write(contentsOf: Data(text.utf8))
    }

    func endInput() throws {
        try input.close()
    }

    /// The next line with a text in it; nil if the output ends before.
    func line(containing text: String) async -> String? {
        while let line = await lines.next() {
            if line.contains(text) { return line }
        }
        return nil
    }
}
