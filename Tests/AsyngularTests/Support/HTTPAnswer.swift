/// An HTTP answer, taken apart.
struct HTTPAnswer {
    let status: Int
    let headers: [String: String]
    let body: String

    init(_ text: String) {
        let end = text.range(of: "\r\n\r\n")
        let head = end.map { text[..<$0.lowerBound] } ?? text[...]
        body = end.map { String(text[$0.upperBound...]) } ?? ""
        let lines = head.split(separator: "\r\n")
        status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].drop { $0 == " " }.description : ""
        }
        self.headers = headers
    }

    /// A request whose parts can be replaced one by one; by default a good upgrade.
    static func request(
        _ method: String = "GET",
        _ path: String = "/socketcluster/",
        upgrade: String? = "websocket",
        connection: String = "Upgrade",
        key: String? = "dGhlIHNhbXBsZSBub25jZQ==",
        version: String? = "13",
        more: [String] = []
    ) -> String {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: \(connection)"]
        if let upgrade { lines.append("Upgrade: \(upgrade)") }
        if let key { lines.append("Sec-WebSocket-Key: \(key)") }
        if let version { lines.append("Sec-WebSocket-Version: \(version)") }
        return (lines + more).joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// A request that asks for no upgrade, and by default for the end of the connection.
    static func plain(
        _ method: String,
        _ path: String,
        connection: String? = "close",
        more: [String] = [],
        body: String? = nil
    ) -> String {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1"]
        if let connection { lines.append("Connection: \(connection)") }
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        return (lines + more).joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }
}

extension String {
    fileprivate func range(of needle: String) -> Range<String.Index>? {
        let bytes = Array(utf8)
        let wanted = Array(needle.utf8)
        for start in bytes.indices where bytes[start...].starts(with: wanted) {
            let lower = utf8.index(utf8.startIndex, offsetBy: start)
            return lower..<utf8.index(lower, offsetBy: wanted.count)
        }
        return nil
    }
}
