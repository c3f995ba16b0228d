extension AGClientOptions {
    /// Where the WebSocket is (contract §1).
    ///
    /// - Parameter now: milliseconds since 1970, for ``timestampRequests``.
    func endpoint(now: Int64) -> ClientEndpoint {
        let target = target(now: now)
        if let socketPath { return ClientEndpoint(socketPath: socketPath, target: target) }
        return ClientEndpoint(host: hostname, port: port, isSecure: secure, target: target)
    }

    /// Path and query.
    func target(now: Int64) -> String {
        var pairs = query
        if timestampRequests { pairs.append((timestampParam, String(now))) }
        guard !pairs.isEmpty else { return path }
        let query = pairs.map { "\(Self.formEncoded($0.name))=\(Self.formEncoded($0.value))" }
        return path + (path.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + query.joined(separator: "&")
    }

    /// As `application/x-www-form-urlencoded` (WHATWG URL).
    private static func formEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2A, 0x2D, 0x2E, 0x5F: bytes.append(byte)
            case 0x20: bytes.append(0x2B)
            default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
