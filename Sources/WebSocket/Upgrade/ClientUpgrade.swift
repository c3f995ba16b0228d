/// What a client asks for in the opening handshake (RFC 6455 §4.1).
public struct ClientUpgrade: Sendable, Equatable {
    /// The value of `Host`: the host, an IPv6 address in brackets, and the port unless it is the scheme's default.
    public var host: String
    /// The request target: path and query.
    public var target: String
    /// The value of `Origin`, which browsers send; nil for none.
    public var origin: String?
    /// The subprotocols offered, in order of preference.
    public var subprotocols: [String]
    /// The value of `Sec-WebSocket-Extensions`; nil (the default) offers none.
    public var extensions: String?
    /// Further fields, in order. A `Host` among them replaces ``host``.
    public var headers: [HTTPHeaderField]

    /// Creates a request.
    public init(
        host: String,
        target: String = "/",
        origin: String? = nil,
        subprotocols: [String] = [],
        extensions: String? = nil,
        headers: [HTTPHeaderField] = []
    ) {
        self.host = host
        self.target = target
        self.origin = origin
        self.subprotocols = subprotocols
        self.extensions = extensions
        self.headers = headers
    }

    /// Names that a program cannot set, as the handshake would mean something else with them.
    private static let reserved = [
        "Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Accept",
        "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Content-Length", "Transfer-Encoding",
    ]

    /// The bytes of the request.
    ///
    /// - Parameter key: from ``key(from:)``; another one for each request.
    /// - Throws: ``HTTPHeaderError`` for a field that cannot be sent: one with a line break, or one of the handshake's own.
    public func request(key: String) throws(HTTPHeaderError) -> [UInt8] {
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.allSatisfy(HTTPCharacters.isTarget) else {
            throw .invalidValue(name: "Request-Target")
        }
        let ownHost = headers.first { $0.isNamed("Host") }?.value ?? host
        var fields = [
            HTTPHeaderField(name: "Host", value: ownHost),
            HTTPHeaderField(name: "Upgrade", value: "websocket"),
            HTTPHeaderField(name: "Connection", value: "Upgrade"),
            HTTPHeaderField(name: "Sec-WebSocket-Key", value: key),
            HTTPHeaderField(name: "Sec-WebSocket-Version", value: "13"),
        ]
        if let origin { fields.append(HTTPHeaderField(name: "Origin", value: origin)) }
        if !subprotocols.isEmpty {
            for name in subprotocols {
                guard !name.isEmpty, name.utf8.allSatisfy(HTTPCharacters.isToken) else {
                    throw .invalidValue(name: "Sec-WebSocket-Protocol")
                }
            }
            let list = subprotocols.joined(separator: ", ")
            fields.append(HTTPHeaderField(name: "Sec-WebSocket-Protocol", value: list))
        }
        if let extensions { fields.append(HTTPHeaderField(name: "Sec-WebSocket-Extensions", value: extensions)) }
        for field in headers where !field.isNamed("Host") {
            for name in Self.reserved where field.isNamed(name) { throw .reserved(name: name) }
            fields.append(field)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        bytes.append(contentsOf: "GET \(target) HTTP/1.1\r\n".utf8)
        for field in fields {
            try field.validate()
            field.append(to: &bytes)
        }
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }

    /// A value of `Sec-WebSocket-Key`: base64 of 16 random bytes.
    public static func key(from random: [UInt8]) -> String {
        precondition(random.count == 16, "a key is made of 16 bytes")
        return Base64.text(random)
    }
}

extension ClientUpgrade: CustomStringConvertible, CustomReflectable {
    /// The host. Fields and the target's query may carry what is secret.
    public var description: String { host }

    /// The host. Fields and the target's query may carry what is secret.
    public var customMirror: Mirror { Mirror(self, children: ["host": host]) }
}
