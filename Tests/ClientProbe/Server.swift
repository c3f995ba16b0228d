import Foundation

/// The built `asyngular-server`, which lies beside this program.
final class Server {
    let port: Int
    private let process = Process()

    /// Starts it and waits until it listens.
    init(port: Int) throws {
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("asyngular-server")
        process.arguments = ["serve", "--port", "\(port)", "--log-level", "error"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var line = ""
        while !line.contains("\n") {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { throw NotStarted() }
            line += String(decoding: data, as: UTF8.self)
        }
        let text = line.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let port = URL(string: String(text.dropFirst("ready ".count)))?.port else { throw NotStarted() }
        self.port = port
    }

    struct NotStarted: Error {}

    /// Without a chance to say goodbye.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// What `GET /health` says.
    func health() throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw NotStarted() }
        let handle = FileHandle(fileDescriptor: descriptor)
        handle.write(Data("GET /health HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n".utf8))
        let answer = String(decoding: handle.readDataToEndOfFile(), as: UTF8.self)
        guard let end = answer.range(of: "\r\n\r\n") else { return answer }
        return answer[end.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
