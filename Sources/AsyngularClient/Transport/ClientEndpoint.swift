/// Where a WebSocket is: the parts of its URL (RFC 6455 §3).
public struct ClientEndpoint: Sendable, Hashable {
    /// Whether TLS is used: `wss`.
    public var isSecure: Bool
    /// The host: a name, or a numeric address without brackets.
    public var host: String
    /// The port.
    public var port: UInt16
    /// The path of a Unix-domain socket, which is connected to instead of ``host`` and ``port``; nil for none.
    public var socketPath: String?
    /// Path and query, as sent.
    public var target: String

    /// An endpoint over TCP.
    ///
    /// - Parameters:
    ///   - host: a name, or a numeric address without brackets.
    ///   - port: nil for the scheme's own: 443 if secure, else 80.
    ///   - isSecure: whether TLS is used.
    ///   - target: path and query.
    public init(host: String, port: UInt16? = nil, isSecure: Bool = false, target: String = "/") {
        self.isSecure = isSecure
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
        self.target = target
    }

    /// An endpoint over a Unix-domain socket.
    public init(socketPath: String, target: String = "/") {
        self.init(host: "localhost", target: target)
        self.socketPath = socketPath
    }

    /// The value of `Host`: without the port if that is the scheme's own.
    var hostField: String {
        let isDefault = socketPath != nil || port == (isSecure ? 443 : 80)
        return isDefault ? bracketedHost : authority
    }

    /// Host and port, as a proxy is asked for them.
    var authority: String { "\(bracketedHost):\(port)" }

    /// A zone (RFC 4007) means nothing to anybody else.
    private var bracketedHost: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host.prefix { $0 != "%" })]" : host
    }

    /// The name that the server's certificate must be for.
    var serverName: String {
        let name = host.prefix { $0 != "%" }
        return String(name.utf8.last == UInt8(ascii: ".") ? name.dropLast() : name)
    }
}

extension ClientEndpoint {
    /// The endpoint of a URL: `ws://host[:port]/path?query`, `wss://…`, or `ws+unix://socket-path:/path?query` (contract §1).
    /// `http` and `https` mean the same as `ws` and `wss`.
    ///
    /// - Throws: ``DialError`` with the code `invalidURL`. A URL with a user name, a fragment, or a host that is not ASCII is none
    ///   here: credentials belong into a header, and a name with other letters has to be given in its `xn--` form.
    public init(_ url: String) throws(DialError) {
        guard let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw Self.invalid("it has no scheme") }
        let rest = url[url.utf8.index(after: colon)...]
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Self.invalid("it has a character that has to be percent-encoded")
        }
        switch url[..<colon].lowercased() {
        case "ws", "http": try self.init(network: rest, isSecure: false)
        case "wss", "https": try self.init(network: rest, isSecure: true)
        case "ws+unix": try self.init(unix: rest)
        default: throw Self.invalid("its scheme is none of ws, wss, ws+unix")
        }
        try validate()
    }

    private init(network text: Substring, isSecure: Bool) throws(DialError) {
        guard text.hasPrefix("//") else { throw Self.invalid("it has no host") }
        let rest = text.dropFirst(2)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@") else {
            throw Self.invalid("it has a user name; credentials belong into a header")
        }
        let (host, port) = try Self.split(authority)
        let path = rest[end...]
        self.init(host: host, port: port, isSecure: isSecure, target: path.hasPrefix("/") ? String(path) : "/" + path)
    }

    private init(unix text: Substring) throws(DialError) {
        let rest = text.hasPrefix("//") ? text.dropFirst(2) : text
        let end = rest.firstIndex(of: ":") ?? rest.endIndex
        guard let path = PercentEncoding.decodeSegment(rest[..<end]), !path.isEmpty else {
            throw Self.invalid("it has no path of a socket")
        }
        let target = rest[end...].dropFirst()
        self.init(socketPath: path, target: target.isEmpty ? "/" : String(target))
    }

    /// Splits `host[:port]` or `[address][:port]`.
    static func split(_ authority: Substring) throws(DialError) -> (host: String, port: UInt16?) {
        var rest = authority
        let host: Substring
        if rest.hasPrefix("[") {
            guard let close = rest.firstIndex(of: "]") else { throw Self.invalid("its address has no closing bracket") }
            host = rest.dropFirst().prefix(upTo: close)
            guard host.contains(":") else { throw Self.invalid("only an IPv6 address is in brackets") }
            rest = rest[close...].dropFirst()
        } else {
            host = rest.prefix { $0 != ":" }
            rest = rest[host.endIndex...]
        }
        guard !host.isEmpty else { throw Self.invalid("it has no host") }
        // RFC 6874 writes the percent sign before a zone percent-encoded.
        let name = host.replacing("%25", with: "%", maxReplacements: 1)
        guard !rest.isEmpty else { return (String(name), nil) }
        let digits = rest.dropFirst()
        if digits.isEmpty, rest.hasPrefix(":") { return (String(name), nil) }
        guard rest.hasPrefix(":"), digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let port = UInt16(digits), port > 0
        else {
            throw Self.invalid("its port is no number from 1 to 65535")
        }
        return (String(name), port)
    }

    /// - Throws: ``DialError`` with the code `invalidURL` if a part cannot be sent.
    func validate() throws(DialError) {
        let isAddress = host.utf8.contains(UInt8(ascii: ":"))
        guard !host.isEmpty, host.utf8.count <= 255, host.utf8.allSatisfy(isAddress ? Self.isAddress : Self.isName)
        else {
            throw Self.invalid("its host has a character that names and addresses have not")
        }
        guard port > 0 else { throw Self.invalid("its port is 0") }
        guard !target.utf8.contains(UInt8(ascii: "#")) else { throw Self.invalid("it has a fragment") }
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Self.invalid(
                "its path does not begin with a slash, or has a character that has to be percent-encoded"
            )
        }
        if let socketPath, socketPath.isEmpty || socketPath.utf8.contains(0) {
            throw Self.invalid("it has no path of a socket")
        }
    }

    static func invalid(_ reason: String) -> DialError {
        DialError(.invalidURL, "The URL cannot be used: \(reason)")
    }

    private static func isName(_ byte: UInt8) -> Bool {
        byte | 0x20 &- 0x61 < 26 && byte > 0x40 || byte &- 0x30 < 10 || "-._".utf8.contains(byte)
    }

    private static func isAddress(_ byte: UInt8) -> Bool {
        isName(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "%")
    }
}

extension ClientEndpoint: CustomStringConvertible, CustomReflectable {
    /// The URL without its query, which may carry what is secret.
    public var description: String {
        let path = target.prefix { $0 != "?" }
        if let socketPath { return "ws+unix://\(socketPath):\(path)" }
        return "\(isSecure ? "wss" : "ws")://\(hostField)\(path)"
    }

    /// The URL without its query, which may carry what is secret.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
