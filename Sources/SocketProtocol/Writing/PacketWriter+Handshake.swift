/// The answer to `#handshake` from ready-made texts: one per connection, so it can be written in place.
extension PacketWriter {
    /// The length of ``handshakeResponse(rid:id:pingTimeout:authError:isAuthenticated:)``.
    public static func handshakeResponseLength(
        rid: RawSpan,
        id: RawSpan,
        pingTimeout: Int,
        authError: RawSpan? = nil,
        isAuthenticated: Bool
    ) -> Int {
        var length = PacketLength()
        putHandshakeResponse(rid, id, pingTimeout, authError, isAuthenticated, to: &length)
        return length.count
    }

    /// Writes `{"rid":1,"data":{"id":"…","pingTimeout":…,"authError":…,"isAuthenticated":…}}` (contract §4); the number of
    /// bytes.
    ///
    /// - Parameters:
    ///   - rid: The text of the handshake's `cid`, as it came.
    ///   - id: The text of the socket's id, with its quotes.
    ///   - pingTimeout: Milliseconds; clients need it.
    ///   - authError: The text of why a token was refused; nil leaves `authError` out.
    ///   - isAuthenticated: Whether the token was valid and allowed.
    ///   - output: Room for at least ``handshakeResponseLength(rid:id:pingTimeout:authError:isAuthenticated:)`` bytes.
    @unsafe
    @discardableResult
    public static func writeHandshakeResponse(
        rid: RawSpan,
        id: RawSpan,
        pingTimeout: Int,
        authError: RawSpan? = nil,
        isAuthenticated: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var sink = unsafe PacketOutput(output)
        putHandshakeResponse(rid, id, pingTimeout, authError, isAuthenticated, to: &sink)
        return sink.count
    }

    /// `{"rid":1,"data":{"id":"…","pingTimeout":…,"authError":…,"isAuthenticated":…}}`
    public static func handshakeResponse(
        rid: RawSpan,
        id: RawSpan,
        pingTimeout: Int,
        authError: RawSpan? = nil,
        isAuthenticated: Bool
    ) -> [UInt8] {
        let length = handshakeResponseLength(
            rid: rid,
            id: id,
            pingTimeout: pingTimeout,
            authError: authError,
            isAuthenticated: isAuthenticated
        )
        return unsafe array(length) {
            unsafe writeHandshakeResponse(
                rid: rid,
                id: id,
                pingTimeout: pingTimeout,
                authError: authError,
                isAuthenticated: isAuthenticated,
                into: $0
            )
        }
    }
}
