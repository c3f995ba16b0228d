/// A well-formed request to open a WebSocket, not yet answered.
public struct UpgradeRequest: Sendable, Equatable {
    /// The value of `Sec-WebSocket-Key`.
    public var key: WebSocketKey
    /// The WebSocket version, 13 or 8.
    public var version: Int
    /// The value of `Origin` (of `Sec-WebSocket-Origin` in version 8); nil without one.
    public var origin: String?
    /// The subprotocols offered, in the client's order of preference.
    public var subprotocols: [String]

    /// Creates a request.
    public init(key: WebSocketKey, version: Int = 13, origin: String? = nil, subprotocols: [String] = []) {
        self.key = key
        self.version = version
        self.origin = origin
        self.subprotocols = subprotocols
    }

    /// The value of `Sec-WebSocket-Accept` that answers ``key``.
    public var acceptValue: String { WebSocketUpgrade.acceptValue(forKey: key.description) }

    /// The 101 response.
    ///
    /// - Parameter subprotocol: the chosen one; nil for none. By default the first offered (contract §1). One that was
    ///   not offered is left out, as a client must fail a connection that names it (RFC 6455 §4.1).
    public func response(subprotocol: String?) -> [UInt8] {
        let chosen = subprotocol.flatMap { subprotocols.contains($0) ? $0 : nil }
        return WebSocketUpgrade.response(accept: acceptValue, subprotocol: chosen)
    }

    /// The 101 response with the first subprotocol offered, if any.
    public func response() -> [UInt8] {
        response(subprotocol: subprotocols.first)
    }

    // MARK: Without a subprotocol

    private static let acceptance: StaticString = """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Accept:\u{20}
        """

    /// The length in bytes of the response that names no subprotocol, which nearly every connection is answered with.
    public static let plainResponseLength = acceptance.utf8CodeUnitCount + AcceptHasher.length + 4

    /// Writes the 101 response that names no subprotocol.
    ///
    /// - Parameters:
    ///   - output: room for ``plainResponseLength`` bytes.
    ///   - hasher: the thread's.
    @unsafe
    public func writePlainResponse(into output: UnsafeMutableRawBufferPointer, with hasher: AcceptHasher) {
        let beginning = Self.acceptance.utf8CodeUnitCount
        unsafe output.copyMemory(from: UnsafeRawBufferPointer(start: Self.acceptance.utf8Start, count: beginning))
        unsafe hasher.write(forKey: key, into: UnsafeMutableRawBufferPointer(rebasing: output[beginning...]))
        let end = Self.plainResponseLength - 4
        unsafe output.storeBytes(of: UInt32(bigEndian: 0x0D0A_0D0A), toByteOffset: end, as: UInt32.self)
    }
}
