/// Which web origins may open a WebSocket (contract §1; RFC 6455 §10.2 on why).
///
/// Entries are `host:port`, `host:*` or `*:port`; `*:*` accepts everything. A missing origin, and the literal `null`,
/// count as the placeholder `*` with port 80: a restricted list refuses clients that are no browsers unless it has
/// `*:80`.
public struct OriginPolicy: Sendable, Equatable {
    private let entries: Set<String>
    private let allowsAll: Bool

    /// Accepts every origin, as the family's default `*:*` does. Restrict it where cookies carry authority.
    public static let any = OriginPolicy("*:*")

    /// A policy from a text of entries separated by white space or commas.
    ///
    /// The JavaScript server searches such a text for substrings, so that `le.com` passes for `example.com:*`; here
    /// entries match whole (contract §20.9).
    public init(_ origins: String = "*:*") {
        self.init(origins.split { $0.isWhitespace || $0 == "," }.map { String($0) })
    }

    /// A policy from a list of entries, which match whole. An empty list refuses everything.
    public init(_ origins: [String]) {
        entries = Set(origins.map { $0.lowercased() })
        allowsAll = entries.contains("*:*")
    }

    /// Whether a request with this `Origin` is accepted. An origin that does not parse is refused.
    ///
    /// - Parameter origin: the header's value; nil without one.
    public func allows(_ origin: String?) -> Bool {
        if allowsAll { return true }
        guard let origin, origin != "null", origin != "*" else { return entries.contains("*:80") }
        guard let (host, port) = Self.parse(origin) else { return false }
        if entries.contains("\(host):\(port)") || entries.contains("\(host):*") || entries.contains("*:\(port)") {
            return true
        }
        // Entries may write an IPv6 address with brackets, as a URL does, or without, as the JavaScript server does.
        guard host.contains(":") else { return false }
        return entries.contains("[\(host)]:\(port)") || entries.contains("[\(host)]:*")
    }

    /// The answer to a refused origin: 403 with contract §1's text.
    public static func rejection(of origin: String?) -> HTTPError {
        let shown = origin == nil || origin == "null" ? "*" : origin ?? "*"
        return HTTPError(
            status: 403,
            message: "Failed to authorize socket handshake - Invalid origin: \(shown)"
        )
    }

    /// The lower-case host, an IPv6 address without brackets, and the port of `scheme://host[:port]`.
    static func parse(_ origin: String) -> (host: String, port: UInt16)? {
        let bytes = origin.utf8.map { HTTPCharacters.lowercased($0) }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            bytes[..<colon].allSatisfy(isSchemeCharacter), bytes[colon...].starts(with: "://".utf8)
        else { return nil }
        var authority = bytes[(colon + 3)...]
        // A serialised origin has no path; one slash is what `URL` texts end with.
        if authority.last == UInt8(ascii: "/") { authority.removeLast() }
        var port: UInt16 = bytes[..<colon].elementsEqual("https".utf8) ? 443 : 80
        let host: ArraySlice<UInt8>
        if authority.first == UInt8(ascii: "[") {
            guard let close = authority.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = authority[(authority.startIndex + 1)..<close]
            guard host.allSatisfy(isAddressCharacter) else { return nil }
            authority = authority[(close + 1)...]
        } else {
            host = authority.prefix { $0 != UInt8(ascii: ":") }
            guard host.allSatisfy(isHostCharacter) else { return nil }
            authority = authority[host.endIndex...]
        }
        guard !host.isEmpty else { return nil }
        if !authority.isEmpty {
            let digits = authority.dropFirst()
            guard authority.first == UInt8(ascii: ":"), digits.allSatisfy(HTTPCharacters.isDigit) else { return nil }
            if !digits.isEmpty {
                guard let explicit = UInt16(String(decoding: digits, as: UTF8.self)) else { return nil }
                port = explicit
            }
        }
        return (String(decoding: host, as: UTF8.self), port)
    }

    private static func isSchemeCharacter(_ byte: UInt8) -> Bool {
        byte &- 0x61 < 26 || HTTPCharacters.isDigit(byte) || "+-.".utf8.contains(byte)
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        byte &- 0x61 < 26 || HTTPCharacters.isDigit(byte) || "-._".utf8.contains(byte)
    }

    private static func isAddressCharacter(_ byte: UInt8) -> Bool {
        byte &- 0x61 < 6 || HTTPCharacters.isDigit(byte) || ":.".utf8.contains(byte)
    }
}
