/// A well-formed request to open a WebSocket, not yet answered.
public struct UpgradeRequest: Sendable, Equatable {
    /// The value of `Sec-WebSocket-Key`: base64 of 16 bytes.
    public var key: String
    /// The WebSocket version, 13 or 8.
    public var version: Int
    /// The value of `Origin` (of `Sec-WebSocket-Origin` in version 8); nil without one.
    public var origin: String?
    /// The subprotocols offered, in the client's order of preference.
    public var subprotocols: [String]

    /// Creates a request.
    public init(key: String, version: Int = 13, origin: String? = nil, subprotocols: [String] = []) {
        self.key = key
        self.version = version
        self.origin = origin
        self.subprotocols = subprotocols
    }

    /// The value of `Sec-WebSocket-Accept` that answers ``key``.
    public var acceptValue: String { WebSocketUpgrade.acceptValue(forKey: key) }

    /// The 101 response.
    ///
    /// - Parameter subprotocol: the chosen one; nil for none. By default the first offered (contract §1). One that was
    ///   not offered is left out, as a client must fail a connection that names it (RFC 6455 §4.1).
    public func response(subprotocol: String?) -> [UInt8] {
        let chosen = subprotocol.flatMap { subprotocols.contains($0) ? $0 : nil }
        guard let chosen else { return WebSocketUpgrade.response(forKey: key) }
        return WebSocketUpgrade.response(accept: acceptValue, subprotocol: chosen)
    }

    /// The 101 response with the first subprotocol offered, if any.
    public func response() -> [UInt8] {
        response(subprotocol: subprotocols.first)
    }
}
